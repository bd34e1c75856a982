"""What the runner knows of one job: its claim, its journal, its permits."""

import asyncio
from typing import Any

from runners.process.checkpoints import SweepCheckpoints
from runners.process.clock import JobClock
from runners.process.folder import JobFolder
from runners.process.journal import Journal, Origin
from runners.process.permits import PermitPool
from runners.process.redact import Redactor
from runners.protocol.events import AnyEvent, AttemptBackedOff, AttemptLeft, ChildLost, PermitReturned, TrialFinished
from runners.protocol.job import Claimed

MAX_RUNNER_LINE = 4000
LOG_BYTES = 64 * 2**20


class JobRecord:
    """The one place through which events enter the journal. `grown` is set whenever one did.

    `log_bytes`: so much is kept of what the children print and log.
    """

    def __init__(
        self,
        folder: JobFolder,
        claimed: Claimed,
        claim_id: str,
        clock: JobClock,
        journal: Journal,
        *,
        log_bytes: int = LOG_BYTES,
    ) -> None:
        self.folder = folder
        self.claimed = claimed
        self.claim_id = claim_id
        self.clock = clock
        self.journal = journal
        self.permits = PermitPool(claimed.acked_seq)
        # In the runner's home, beside the jobs: they outlive this one.
        self.checkpoints = SweepCheckpoints(folder.path.parent.parent / "checkpoints" / claimed.sweep)
        self._log_bytes = self._log_left = log_bytes
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
        elif isinstance(event, PermitReturned | AttemptLeft | AttemptBackedOff):
            self.permits.ended(event.number, event.attempt, event.seq, goes_back=True)
        elif isinstance(event, ChildLost):
            for number, attempt in event.running:
                self.permits.ended(number, attempt, event.seq, goes_back=True)
        self.grown.set()
        return event

    @property
    def log_is_full(self) -> bool:
        """Whether nothing that children print is kept any more."""
        return self._log_left <= 0

    def log(self, fields: dict[str, Any], origin: Origin) -> AnyEvent | None:
        """`note` of what a child printed or logged, as long as there is room; once, a notice that there is none."""
        if self._log_left <= 0:
            return None
        left = self._log_left = self._log_left - len(fields.get("text", "").encode())
        if left <= 0:
            text = (
                f"The log of this job has reached {self._log_bytes / 2**20:g} MB: what the training prints from here on "
                "is not kept. HPWEB_RUNNER_LOG_MB raises the limit."
            )
            fields = {"type": "log", "stream": "runner", "level": "warning", "text": text}
        return self.note(fields, origin)

    def say(self, text: str) -> None:
        """A line of the supervisor's own in the sweep's log."""
        line = self.redact(text.encode()).decode(errors="replace")
        self.note({"type": "log", "stream": "runner", "text": line[:MAX_RUNNER_LINE]})

    def return_permits(self) -> None:
        """Give back what no child has taken."""
        for permit in self.permits.take_all():
            self.note({"type": "permit_returned", "number": permit.number, "attempt": permit.attempt})
