"""One trial in one child: what is told of it, from its draw to its end."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from runners.process.search.objectives import Objectives
from runners.process.search.reporter import Emits, number, numbers
from runners.process.training.best import BestModel
from runners.process.training.failures import Failure
from runners.protocol.base import Scalar
from runners.protocol.job import Permit
from runners.protocol.objective import Objective
from runners.protocol.states import FailureCode

_STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "fail"}
_TEXT_LIMIT = 2000


class Outcome:
    """Listens to the Trainer (see `Listener`) and writes the trial's events."""

    def __init__(
        self, permit: Permit, objectives: tuple[Objective, ...], reporter: Emits, best: BestModel | None
    ) -> None:
        self.permit = permit
        self.failure: Failure | None = None
        self.state: TrialState | None = None
        self.compute_objective = Objectives(objectives)
        self._single = len(objectives) == 1
        self._reporter = reporter
        self._best = best
        self._metrics: dict[str, float] = {}
        self._timings = {"load": 0.0, "evaluate": 0.0, "save": 0.0}
        self._began = self._loaded = time.monotonic()

    def started(self, params: Mapping[str, Scalar], *, child: str, optuna_number: int | None, seed: int) -> None:
        """The parameters are drawn and the sampler's state is safe."""
        self._emit("trial_started", sync=True, child=child, params=dict(params), optuna_number=optuna_number, seed=seed)

    def loaded(self) -> None:
        """Data and model are there; the Trainer takes over."""
        self._loaded = time.monotonic()
        self._timings["load"] = self._loaded - self._began

    def logged(self, step: int, epoch: float | None, values: dict[str, float]) -> None:
        self._emit("metrics", step=step, epoch=epoch, values=numbers(values))

    def evaluated(self, metrics: dict[str, float], seconds: float) -> None:
        self._metrics = {name: value for name, value in metrics.items() if name != "epoch"}
        self._timings["evaluate"] += seconds

    def reported(self, step: int, epoch: float | None, metrics: dict[str, float]) -> None:
        if self._single:
            (value,) = self.compute_objective.values(metrics)
            self._emit("reported", step=step, epoch=epoch, value=number(value))

    def trained(self, objective: Any, save: Callable[[Path], None]) -> None:
        if self._best is None:
            return
        began = time.monotonic()
        self._best.offer(self.permit.number, float(objective), save)
        self._timings["save"] = time.monotonic() - began

    def failed(self, failure: Failure) -> None:
        self.failure = failure

    def ended(self, state: TrialState, values: Sequence[float] | None) -> None:
        """The end of the trial, before the study has it: the study can be mended from this line, not the reverse."""
        now = time.monotonic()
        timings = dict(self._timings)
        timings["train"] = max(0.0, now - self._loaded - timings["evaluate"] - timings["save"])
        told: dict[str, Any] = {}
        if state is TrialState.FAIL:
            failure = self.failure or Failure(FailureCode.ERROR, "The trial ended outside its training.", "")
            told = {
                "failure_code": failure.code.value,
                "failure_message": failure.message[:_TEXT_LIMIT],
                "traceback": failure.traceback,
            }
        self._emit(
            "trial_finished",
            sync=True,
            state=_STATES[state],
            values=[number(value) for value in values or ()],
            duration_s=now - self._began,
            metrics=numbers(self._metrics),
            timings=timings,
            **told,
        )
        self.state = state

    def _emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        self._reporter.emit(type_, sync=sync, number=self.permit.number, attempt=self.permit.attempt, **fields)
