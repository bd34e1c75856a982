"""A job's events, told to a service."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Final

from runners.optimizers.derive import resolved
from runners.process.mirror.fixed import fixed_of
from runners.process.mirror.service import End, Entry, Service, State, Sweep, Trial
from runners.protocol.events import AnyEvent, Metrics, ParamsChanged, TrialFinished, TrialStarted
from runners.protocol.spec import SweepSpec

MOST_FAILURES: Final = 3
_MESSAGE: Final = 500


class GivenUp(Exception):
    """Trial after trial cannot be mirrored."""


class Follower:
    """`complain` hears of each failure. One trial's failure costs its entry alone; `MOST_FAILURES` in a row are the end."""

    def __init__(self, service: Service, sweep: Sweep, spec: SweepSpec, complain: Callable[[Exception], None]) -> None:
        self._service = service
        self._sweep = sweep
        self._spec = spec
        self._complain = complain
        self._entries: dict[int, Entry] = {}
        self._failures = 0

    def take(self, events: Iterable[AnyEvent]) -> None:
        """Tell them all. Raises `GivenUp`."""
        for event in events:
            match event.type:
                case "trial_started":
                    self._end(event.number, End("lost"))
                    self._begin(event)
                case "metrics":
                    self._try(event.number, partial(_log, event))
                case "params_changed":
                    self._try(event.number, partial(_change, event))
                case "trial_finished":
                    self._end(event.number, self._end_of(event))
                case "child_lost":
                    for number, _ in event.running:
                        self._end(number, End("lost", message=event.message[:_MESSAGE]))
                case "job_finished":
                    self.end_all("cancelled")
        for number in list(self._entries):
            self._try(number, lambda entry: entry.flush())

    def end_all(self, state: State) -> None:
        """End what is still at work."""
        for number in list(self._entries):
            self._end(number, End(state))

    def _begin(self, event: TrialStarted) -> None:
        spec = self._spec
        params = dict(event.params)
        with suppress(ValueError):  # none follow: the trial fails, and says why
            params = resolved(spec.space, params, spec.processes)
        trial = Trial(self._sweep, event.number, event.attempt, params, fixed_of(spec, event.seed))
        try:
            self._entries[event.number] = self._service.begin(trial)
        except Exception as error:  # noqa: BLE001 - whatever a client library raises
            self._failed(event.number, error)

    def _end(self, number: int, end: End) -> None:
        if number in self._entries:
            self._try(number, lambda entry: entry.finish(end))
            if self._entries.pop(number, None):
                self._failures = 0

    def _end_of(self, event: TrialFinished) -> End:
        objectives = self._spec.objectives
        names = ["objective"] if len(objectives) == 1 else [f"objective/{one.metric}" for one in objectives]
        return End(
            event.state, dict(zip(names, event.values, strict=False)), event.metrics, event.failure_message[:_MESSAGE]
        )

    def _try(self, number: int, tell: Callable[[Entry], None]) -> None:
        entry = self._entries.get(number)
        if entry is None:
            return
        try:
            tell(entry)
        except Exception as error:  # noqa: BLE001 - whatever a client library raises
            self._entries.pop(number)
            self._failed(number, error)

    def _failed(self, number: int, error: Exception) -> None:
        self._complain(error)
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            raise GivenUp(f"{MOST_FAILURES} trials in a row failed, the last was {number}") from error


def _log(event: Metrics, entry: Entry) -> None:
    entry.log(event.step, event.epoch, event.values)


def _change(event: ParamsChanged, entry: Entry) -> None:
    entry.changed(event.step, event.params)
