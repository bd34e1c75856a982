"""The three files that a child writes, taken into the journal."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import ValidationError

from runners.process.jobs.record import JobRecord
from runners.process.journal import Origin
from runners.process.output import OutputTail
from runners.process.spool import LineTail
from runners.protocol.events import AnyEvent, AttemptBackedOff, AttemptLeft, TrialFinished, TrialStarted
from runners.protocol.states import FailureCode

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
    """Events and output of the child `name`. `trials`: what it has begun and not finished, as far as taken in.

    `beside`: how many others were on the device while its trial trained. A trial that ran out of memory beside others has
    not failed: its end is noted as `attempt_backed_off`.
    """

    def __init__(
        self, name: str, record: JobRecord, trials: Iterable[TrialKey] = (), *, beside: Callable[[], int] = lambda: 0
    ) -> None:
        self.name = name
        self.trials: list[TrialKey] = list(trials)
        self._beside = beside
        self._record = record
        spool, origins = record.folder.spool, record.journal.origins
        self._events = LineTail(spool / f"{name}.jsonl", origins.get(f"{name}.jsonl", 0))
        self._outputs = {
            stream: OutputTail(spool / file, origins.get(file, 0), record.redact)
            for stream, file in (("stdout", f"{name}.out"), ("stderr", f"{name}.err"))
        }

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
                    event = self._take_line(line.text, line.end)
                    events += [event] if event else []
        if output_due or (final and output):
            self._take_output(final=final)
        return events

    def _take_output(self, *, final: bool) -> None:
        for stream, output in self._outputs.items():
            for text, end in output.read(final=final):
                entry = {"type": "log", "stream": stream, "text": text, "number": self._number()}
                self._record.log(entry, Origin(output.file, end))
            if self._record.log_is_full:
                output.forget()

    def _number(self) -> int | None:
        """The trial at work. With several nobody can tell whose output it is."""
        return self.trials[0][0] if len(self.trials) == 1 else None

    def last_lines(self) -> str:
        """What it printed last; errors are the better words."""
        return self._outputs["stderr"].last_lines() or self._outputs["stdout"].last_lines()

    def _take_line(self, text: bytes, end: int) -> AnyEvent | None:
        origin = Origin(self._events.path.name, end)
        try:
            fields = json.loads(self._record.redact(text))
            if not isinstance(fields, dict) or fields.get("type") not in FROM_CHILDREN:
                raise BadEvent(f"{self.name} wrote an event that a child may not write: {text[:200]!r}")
            fields.pop("seq", None)
            if fields["type"] == "log":
                return self._record.log({"number": self._number(), **fields}, origin)
            event = self._record.note(self._excused(fields), origin)
        except ValueError as error:
            raise BadEvent(f"{self.name} wrote an event that is none: {_fault(error)}") from error
        if isinstance(event, TrialStarted):
            self.trials.append((event.number, event.attempt))
        elif isinstance(event, TrialFinished | AttemptLeft | AttemptBackedOff):
            self.trials = [key for key in self.trials if key != (event.number, event.attempt)]
        return event

    def _excused(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The event as it counts."""
        if fields["type"] != "trial_finished" or fields.get("failure_code") != FailureCode.OOM.value:
            return fields
        beside = self._beside()
        if beside < 1 or (fields.get("number"), fields.get("attempt")) not in self.trials:
            return fields
        kept = {name: fields[name] for name in ("t", "number", "attempt")}
        others = f"{beside} other{'' if beside == 1 else 's'}"
        message = f"Ran out of memory beside {others} on the same device; it is trained again beside fewer."
        return {**kept, "type": "attempt_backed_off", "beside": beside, "message": message}


def _fault(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
    return str(error)
