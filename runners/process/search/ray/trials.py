"""The driver's view of its trials: whose permit, what was told, how it ended."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from runners.process.search.reporter import Reporter
from runners.protocol.job import Permit
from runners.protocol.states import FailureCode

_FACTS = frozenset({"trial_started", "trial_finished", "attempt_left", "checkpoint_saved"})


@dataclass
class Trial:
    permit: Permit
    params: dict[str, Any]
    copied: int | None = None
    best: float | None = None
    begun: bool = False
    finished: bool = False
    reached_end: bool = False
    left: bool = False
    step: int = 0
    value: Any = None
    metrics: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Trials:
    """Writes the events of workers, adds what only the driver knows. Keys are the permit's number and attempt.

    `best`: min or max where a trial is worth its best evaluation; workers know only what came after its last pause.
    """

    def __init__(self, reporter: Reporter, child: str, best: Callable[..., float] | None = None) -> None:
        self._reporter = reporter
        self._child = child
        self._best = best
        self._trials: dict[tuple[int, int], Trial] = {}

    def add(self, permit: Permit, params: dict[str, Any]) -> Trial:
        trial = self._trials[permit.number, permit.attempt] = Trial(permit, params)
        return trial

    def at_work(self) -> int:
        """Trials that have not ended."""
        return sum(not trial.finished for trial in self._trials.values())

    def heard(self, line: dict[str, Any]) -> None:
        """A worker's event, on its way to the spool."""
        if line["type"] == "log":
            self._emit({name: value for name, value in line.items() if name != "attempt"}, sync=False)
            return
        trial = self._trials.get((line["number"], line["attempt"]))
        if trial is None or trial.finished:
            return
        match line["type"]:
            case "resumed":
                self._changed(trial, line["params"], line["copied"])
                return
            case "taken_up":
                self._take_up(trial, line)
                return
            case "trial_started" if trial.begun:
                return
            case "reached_end":
                trial.reached_end = True
                return
            case "attempt_left":
                trial.finished = trial.left = True
            case "trial_started":
                trial.begun = True
                line = {**line, "child": self._child}
            case "reported":
                trial.step, trial.value = line["step"], line["value"]
                self._weigh(trial, line["value"])
            case "metrics":
                trial.metrics.update(
                    {name: value for name, value in line["values"].items() if name.startswith("eval_")}
                )
            case "trial_finished":
                line = self._finished(trial, line)
        self._emit(line, sync=line["type"] in _FACTS)

    def _finished(self, trial: Trial, line: dict[str, Any]) -> dict[str, Any]:
        trial.finished = True
        for value in line["values"]:
            self._weigh(trial, value)
        worth_its_best = trial.best is not None and line["state"] == "complete"
        return {**line, "values": [trial.best]} if worth_its_best else line

    def _take_up(self, trial: Trial, line: dict[str, Any]) -> None:
        """It goes on from a checkpoint of an earlier attempt, and has told what that one had told."""
        for step, value in line["reports"]:
            trial.step, trial.value = step, value
            self._weigh(trial, value)
        trial.metrics.update(line["metrics"])

    def _weigh(self, trial: Trial, value: Any) -> None:
        if self._best is not None and isinstance(value, float):
            trial.best = value if trial.best is None else self._best(trial.best, value)

    def stopped(self, trial: Trial, seconds: float) -> None:
        """The scheduler ended it before its end."""
        state = "complete" if trial.reached_end else "pruned"
        value = trial.best if trial.best is not None and trial.reached_end else trial.value
        self._end(trial, seconds, state=state, values=[] if value is None else [value])

    def failed(self, trial: Trial, seconds: float, message: str, text: str) -> None:
        """Its worker died, or failed where it could not say so."""
        fields = {
            "failure_code": FailureCode.CRASHED.value,
            "failure_message": message[:2000],
            "traceback": text[-60_000:],
        }
        self._end(trial, seconds, state="fail", values=[], **fields)

    def _end(self, trial: Trial, seconds: float, **fields: Any) -> None:
        if trial.finished:
            return
        trial.finished = True
        permit = trial.permit
        line = {
            "type": "trial_finished",
            "number": permit.number,
            "attempt": permit.attempt,
            "duration_s": max(0.0, seconds),
            "metrics": trial.metrics,
            **fields,
        }
        self._emit(line, sync=True)

    def _changed(self, trial: Trial, params: dict[str, Any], copied: int | None) -> None:
        """It began again from a checkpoint, perhaps another trial's, perhaps with other parameters."""
        if params != trial.params or copied != trial.copied:
            trial.params, trial.copied = params, copied
            permit = trial.permit
            line = {"type": "params_changed", "number": permit.number, "attempt": permit.attempt}
            self._emit({**line, "step": trial.step, "params": params, "copied": copied}, sync=True)

    def _emit(self, line: dict[str, Any], *, sync: bool) -> None:
        fields = dict(line)
        self._reporter.emit(fields.pop("type"), sync=sync, **fields)
