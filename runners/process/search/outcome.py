"""One trial in one child: what is told of it, from its draw to its end."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from runners.process.checkpoints import Checkpoint, Told
from runners.process.room import is_full
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
        self.params: dict[str, Scalar] = {}
        self.stopped = False
        """A person asked for the trial's end."""
        self.left = False
        """The attempt ended at a checkpoint, by order; its trial goes on in another one."""
        self.reports: list[tuple[int, float]] = []
        """(step, value) as the pruner saw them, with those of the attempt that this one goes on from."""
        self._from: Checkpoint | None = None
        self._note = ""
        self._last: Any = None
        self._metrics: dict[str, float] = {}
        self._timings = {"load": 0.0, "evaluate": 0.0, "save": 0.0}
        self._began = self._loaded = time.monotonic()

    @property
    def over(self) -> bool:
        """The attempt has ended, one way or the other."""
        return self.left or self.state is not None

    def goes_on_from(self, checkpoint: Checkpoint | None, note: str) -> None:
        """What this attempt takes up, and a sentence about its start."""
        self._from, self._note = checkpoint, note
        if checkpoint is not None:
            told = checkpoint.kept.told
            self.reports = list(told.reports)
            self._metrics = dict(told.metrics)
            self._last = told.objective or None
            self.compute_objective.bests = list(told.bests)

    def started(self, params: Mapping[str, Scalar], *, child: str, optuna_number: int | None, seed: int) -> None:
        """The parameters are drawn and the sampler's state is safe."""
        self.params = dict(params)
        told: dict[str, Any] = {}
        if self._from is not None:
            told = {"resumed_attempt": self._from.kept.attempt, "resumed_step": self._from.kept.step}
        if self._note:
            told["note"] = self._note
        self._emit(
            "trial_started",
            sync=True,
            child=child,
            params=self.params,
            optuna_number=optuna_number,
            seed=seed,
            **told,
        )

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
        values = self.compute_objective.values(metrics)
        self._last = values
        if self._single:
            (value,) = values
            self.reports.append((step, value))
            self._emit("reported", step=step, epoch=epoch, value=number(value))

    def trained(self, objective: Any, save: Callable[[Path], None]) -> None:
        if self._best is None:
            return
        began = time.monotonic()
        try:
            self._best.offer(self.permit.number, float(objective), save)
        except Exception as error:
            if not is_full(error):
                raise
            print(f"The model of trial {self.permit.number} was not kept: the runner's disk is full.")
        self._timings["save"] = time.monotonic() - began

    def failed(self, failure: Failure) -> None:
        self.failure = failure

    def told(self) -> Told:
        """What the trial has told so far, for a checkpoint."""
        return Told(
            objective=tuple(self._last or ()),
            bests=tuple(self.compute_objective.bests),
            metrics=self._metrics,
            reports=tuple(self.reports),
        )

    def kept(self, size: int, step: int) -> None:
        """A checkpoint of `size` bytes is on the disk."""
        self._emit("checkpoint_saved", sync=True, step=step, bytes=size)

    def leave(self, step: int) -> None:
        """The attempt ends at its checkpoint."""
        self._emit("attempt_left", sync=True, step=step)
        self.left = True

    def ended(self, state: TrialState, values: Sequence[float] | None) -> None:
        """The end of the trial, before the study has it: the study can be mended from this line, not the reverse."""
        if self.left:
            return
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
        elif self.stopped:
            told = {"stopped": True}
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
