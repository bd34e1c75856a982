"""The objectives of a trial, from the metrics of its evaluations."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from runners.process.training.failures import NotFinite
from runners.protocol import objective as objective_names
from runners.protocol.objective import Objective


class Objectives:
    """What `compute_objective` does for one trial: it remembers the best value where the sweep wants it."""

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self._objectives = tuple(objectives)
        self._best: list[float | None] = [None] * len(self._objectives)

    def __call__(self, metrics: Mapping[str, float]) -> Any:
        """A number, or a tuple of them. Raises `NotFinite`: Optuna takes infinity for good; LookupError for no such metric."""
        values = self.values(metrics)
        for objective, value in zip(self._objectives, values, strict=True):
            if not math.isfinite(value):
                raise NotFinite(f"{objective.metric} is not finite ({value}). A smaller learning rate may help.")
        return values[0] if len(values) == 1 else values

    def values(self, metrics: Mapping[str, float]) -> tuple[float, ...]:
        """One value per objective after this evaluation. Asking twice about the same one changes nothing."""
        return tuple(
            self._kept(place, value_of(objective, metrics)) for place, objective in enumerate(self._objectives)
        )

    def _kept(self, place: int, value: float) -> float:
        objective, best = self._objectives[place], self._best[place]
        if objective.over == "last" or not math.isfinite(value):
            return value
        if best is None:
            self._best[place] = value
        else:
            self._best[place] = max(best, value) if objective.direction == "maximize" else min(best, value)
        return float(self._best[place] or 0.0)


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
