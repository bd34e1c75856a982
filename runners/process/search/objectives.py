"""The objectives of a trial, from the metrics of its evaluations."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from runners.process.training.failures import NotFinite
from runners.protocol import objective as objective_names
from runners.protocol.objective import Objective


class Objectives:
    """What `compute_objective` does for one trial.

    An evaluation gives its own values, which is what a pruner must see; `settled` are the trial's, which may be the best
    of them. `bests`: the best of each objective so far.
    """

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self._objectives = tuple(objectives)
        self.bests: list[float | None] = [None] * len(self._objectives)

    def __call__(self, metrics: Mapping[str, float]) -> Any:
        """The evaluation's value, or a tuple of them. Raises `NotFinite`: Optuna takes infinity for good.

        Raises LookupError where a metric was not measured.
        """
        values = self.values(metrics)
        for objective, value in zip(self._objectives, values, strict=True):
            if not math.isfinite(value):
                raise NotFinite(f"{objective.metric} is not finite ({value}). A smaller learning rate may help.")
        for place, value in enumerate(values):
            self._weigh(place, value)
        return _alone(values)

    def _weigh(self, place: int, value: float) -> None:
        best = self.bests[place]
        if best is None:
            self.bests[place] = value
        elif self._objectives[place].direction == "maximize":
            self.bests[place] = max(best, value)
        else:
            self.bests[place] = min(best, value)

    def values(self, metrics: Mapping[str, float]) -> tuple[float, ...]:
        """One value per objective in this evaluation."""
        return tuple(value_of(objective, metrics) for objective in self._objectives)

    def settled(self, last: Any) -> Any:
        """The trial's value or values. `last`: what the last evaluation gave."""
        lasts = (last,) if len(self._objectives) == 1 else tuple(last)
        return _alone(
            tuple(
                value if best is None or objective.over == "last" else best
                for objective, value, best in zip(self._objectives, lasts, self.bests, strict=True)
            )
        )

    def so_far(self, metrics: Mapping[str, float]) -> Any:
        """As a call, but what the trial's value would be if it ended here: for a search that takes the last report."""
        return self.settled(self(metrics))

    def after(self, value: float) -> Any:
        """`so_far` for the only objective, whose value in this evaluation is known."""
        self._weigh(0, value)
        return self.settled(value)


def _alone(values: tuple[float, ...]) -> Any:
    return values[0] if len(values) == 1 else values


def value_of(objective: Objective, metrics: Mapping[str, float]) -> float:
    """The objective's value in one evaluation. Raises LookupError where a metric was not measured."""
    match objective.metric:
        case objective_names.WEIGHTED_SUM:
            return sum(weight * _metric(name, metrics) for name, weight in objective.weights.items())
        case objective_names.TRANSFORMERS_DEFAULT:
            from transformers.trainer_utils import default_compute_objective

            return float(default_compute_objective(dict(metrics)))
        case name:
            return _metric(name, metrics)


def _metric(name: str, metrics: Mapping[str, float]) -> float:
    if name not in metrics:
        raise LookupError(f"{name} was not measured. Measured: {', '.join(sorted(metrics))}.")
    return metrics[name]
