"""What the runner knows of one job: its claim, its journal, its permits."""

import asyncio
from typing import Any

from runners.process.checkpoints import SweepCheckpoints
from runners.process.clock import JobClock
from runners.process.folder import JobFolder
from runners.process.journal import Journal, Origin
from runners.process.permits import PermitPool
from runners.process.redact import Redactor
from runners.protocol.events import AnyEvent, AttemptLeft, ChildLost, PermitReturned, TrialFinished
from runners.protocol.job import Claimed

MAX_RUNNER_LINE = 4000


class JobRecord:
    """The one place through which events enter the journal. `grown` is set whenever one did."""

    def __init__(self, folder: JobFolder, claimed: Claimed, claim_id: str, clock: JobClock, journal: Journal) -> None:
        self.folder = folder
        self.claimed = claimed
        self.claim_id = claim_id
        self.clock = clock
        self.journal = journal
        self.permits = PermitPool(claimed.acked_seq)
        # In the runner's home, beside the jobs: they outlive this one.
        self.checkpoints = SweepCheckpoints(folder.path.parent.parent / "checkpoints" / claimed.sweep)
        self.redact = Redactor(claimed.secrets.values())
        self.grown = asyncio.Event()

    @property
    def job(self) -> str:
        return self.claimed.job

    def note(self, fields: dict[str, Any], origin: Origin | None = None) -> AnyEvent:
        """Number an event, which has no `seq` yet and may lack `t`. Raises ValidationError, OSError (disk full)."""
        event = self.journal.append({"t": self.clock.now(), **fields}, origin)
        if isinstance(event, TrialFinished):
            self.permits.ended(event.number, event.attempt, event.seq)
        elif isinstance(event, PermitReturned | AttemptLeft):
            self.permits.ended(event.number, event.attempt, event.seq, goes_back=True)
        elif isinstance(event, ChildLost):
            for number, attempt in event.running:
                self.permits.ended(number, attempt, event.seq, goes_back=True)
        self.grown.set()
        return event

    def say(self, text: str) -> None:
        """A line of the supervisor's own in the sweep's log."""
        line = self.redact(text.encode()).decode(errors="replace")
        self.note({"type": "log", "stream": "runner", "text": line[:MAX_RUNNER_LINE]})

    def return_permits(self) -> None:
        """Give back what no child has taken."""
        for permit in self.permits.take_all():
            self.note({"type": "permit_returned", "number": permit.number, "attempt": permit.attempt})
