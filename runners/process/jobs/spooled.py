"""The two files that a child writes, taken into the journal."""

import json
from collections.abc import Iterable

from pydantic import ValidationError

from runners.process.jobs.record import JobRecord
from runners.process.journal import Origin
from runners.process.output import OutputTail
from runners.process.spool import LineTail
from runners.protocol.events import AnyEvent, AttemptLeft, TrialFinished, TrialStarted

FROM_CHILDREN = frozenset(
    {
        "job_prepared",
        "sweep_named",
        "trial_started",
        "checkpoint_saved",
        "metrics",
        "reported",
        "params_changed",
        "attempt_left",
        "trial_finished",
        "log",
    }
)

TrialKey = tuple[int, int]
"""A trial's number and its attempt."""


class BadEvent(Exception):
    """A child wrote a line into its spool that is no event of a child."""


class SpooledChild:
    """Events and output of the child `name`. `trials`: what it has begun and not finished, as far as taken in."""

    def __init__(self, name: str, record: JobRecord, trials: Iterable[TrialKey] = ()) -> None:
        self.name = name
        self.trials: list[TrialKey] = list(trials)
        self._record = record
        spool, origins = record.folder.spool, record.journal.origins
        self._events = LineTail(spool / f"{name}.jsonl", origins.get(f"{name}.jsonl", 0))
        self._output = OutputTail(spool / f"{name}.out", origins.get(f"{name}.out", 0), record.redact)

    def take_in(self, *, final: bool = False, output: bool = True) -> list[AnyEvent]:
        """Number what was written since the last time. `final`: the child has ended, so all of it.

        Raises `BadEvent`; OSError when the disk is full. A torn last line is left out: its event did not happen.
        """
        events: list[AnyEvent] = []
        output_due = output
        while lines := self._events.read():
            for line in lines:
                if output_due and (b'"trial_finished"' in line.text or b'"attempt_left"' in line.text):
                    # What was printed before belongs to the trial that ends here; all else to the one that runs then.
                    self._take_output(final=False)
                    output_due = False
                if line.text.strip():
                    events.append(self._take_line(line.text, line.end))
        if output_due or (final and output):
            self._take_output(final=final)
        return events

    def _take_output(self, *, final: bool) -> None:
        # With several at work nobody can tell whose output it is.
        number = self.trials[0][0] if len(self.trials) == 1 else None
        for text, end in self._output.read(final=final):
            self._record.note(
                {"type": "log", "stream": "stdout", "text": text, "number": number},
                Origin(self._output.file, end),
            )

    def last_lines(self) -> str:
        """What it printed last."""
        return self._output.last_lines()

    def _take_line(self, text: bytes, end: int) -> AnyEvent:
        try:
            fields = json.loads(self._record.redact(text))
            if not isinstance(fields, dict) or fields.get("type") not in FROM_CHILDREN:
                raise BadEvent(f"{self.name} wrote an event that a child may not write: {text[:200]!r}")
            fields.pop("seq", None)
            event = self._record.note(fields, Origin(self._events.path.name, end))
        except ValueError as error:
            raise BadEvent(f"{self.name} wrote an event that is none: {_fault(error)}") from error
        if isinstance(event, TrialStarted):
            self.trials.append((event.number, event.attempt))
        elif isinstance(event, TrialFinished | AttemptLeft):
            self.trials = [key for key in self.trials if key != (event.number, event.attempt)]
        return event


def _fault(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
    return str(error)
