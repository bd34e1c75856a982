"""Who proposes the parameters of a W&B sweep when hpweb's own server is the W&B server. Nothing here talks to anyone.

A proposal follows from the configuration, the seed, the trial's number and what has finished, so asking again gives the
same. `bayes` is Optuna's TPE sampler, not W&B's Gaussian process.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import TPESampler
from optuna.trial import FrozenTrial, TrialState, create_trial

from runners.optimizers.wandb_choices import WANDB_METHODS
from runners.optimizers.wandb_distributions import Dimension, read_parameters
from runners.protocol.base import Scalar

_STATES: Final = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "fail": TrialState.FAIL,
    "running": TrialState.RUNNING,
}


@dataclass(frozen=True)
class Past:
    """A trial that was proposed before. `state`: complete, pruned, fail or running. `value`: its objective, if any."""

    params: Mapping[str, Scalar]
    state: str
    value: float | None = None


class WandbBrain:
    """Raises ValueError, with a sentence for people, for a configuration that cannot be searched."""

    def __init__(self, configuration: Mapping[str, Any], seed: int) -> None:
        self.method = str(configuration.get("method", "random"))
        if self.method not in WANDB_METHODS:
            raise ValueError(f"method: {self.method!r} is unknown. Methods: {', '.join(WANDB_METHODS)}.")
        self.dimensions = read_parameters(configuration)
        # The client sorts the names on their way here, so the order in which they are drawn must not hang on it.
        self._ordered = sorted(self.dimensions, key=lambda dimension: dimension.path)
        self._seed = seed
        goal = (configuration.get("metric") or {}).get("goal", "minimize")
        self._direction: Literal["minimize", "maximize"] = "maximize" if goal == "maximize" else "minimize"
        self._axes: list[tuple[Dimension, tuple[Scalar, ...]]] = []
        if self.method == "grid":
            # W&B's order: names sorted, the last one changes fastest, values as they are given.
            self._axes = [(dimension, dimension.grid()) for dimension in self._ordered]

    @property
    def size(self) -> int | None:
        """How many trials a grid has; None for what goes on for ever."""
        if self.method != "grid":
            return None
        size = 1
        for _, values in self._axes:
            size *= len(values)
        return size

    def propose(self, number: int, past: Iterable[Past] = ()) -> dict[str, Scalar] | None:
        """The parameters of a trial, by name in the configuration's order; None when a grid has no such point."""
        match self.method:
            case "grid":
                found = self._point(number)
            case "bayes":
                found = self._drawn(number, list(past))
            case _:
                quantiles = np.random.default_rng([self._seed, number]).random(len(self.dimensions))
                found = {
                    dimension.name: dimension.at(float(quantile))
                    for dimension, quantile in zip(self._ordered, quantiles, strict=True)
                }
        return None if found is None else {dimension.name: found[dimension.name] for dimension in self.dimensions}

    def nested(self, params: Mapping[str, Scalar]) -> dict[str, Any]:
        """Parameters by name as the client wants them: nested where the configuration nests them."""
        result: dict[str, Any] = {}
        for dimension in self.dimensions:
            if dimension.name in params:
                inner = result
                for step in dimension.path[:-1]:
                    inner = inner.setdefault(step, {})
                inner[dimension.path[-1]] = params[dimension.name]
        return result

    def _point(self, number: int) -> dict[str, Scalar] | None:
        size = self.size
        if size is None or number >= size:
            return None
        point: dict[str, Scalar] = {}
        for dimension, values in reversed(self._axes):
            number, place = divmod(number, len(values))
            point[dimension.name] = values[place]
        return point

    def _drawn(self, number: int, past: Sequence[Past]) -> dict[str, Scalar]:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            sampler = TPESampler(seed=seed, constant_liar=any(trial.state == "running" for trial in past))
        study = optuna.create_study(direction=self._direction, sampler=sampler)
        distributions = {dimension.name: _distribution(dimension) for dimension in self._ordered}
        study.add_trials([trial for trial in (self._frozen(one, distributions) for one in past) if trial])
        drawn = study.ask(distributions).params
        return {dimension.name: _value(dimension, drawn[dimension.name]) for dimension in self._ordered}

    def _frozen(self, trial: Past, distributions: dict[str, BaseDistribution]) -> FrozenTrial | None:
        """The trial in Optuna's form; None for one that the sampler cannot learn from."""
        params = {
            dimension.name: _coordinate(dimension, trial.params[dimension.name])
            for dimension in self._ordered
            if dimension.name in trial.params
        }
        without_value = trial.state == "complete" and trial.value is None
        if without_value or len(params) < len(self.dimensions) or None in params.values():
            return None
        return create_trial(
            state=_STATES[trial.state],
            value=trial.value if trial.state == "complete" else None,
            params=params,
            distributions=distributions,
            intermediate_values={0: trial.value} if trial.state == "pruned" and trial.value is not None else {},
        )


def _distribution(dimension: Dimension) -> BaseDistribution:
    """Choices by index, whole numbers as such, all else by its quantile: W&B's distribution is then the prior."""
    if dimension.is_choice:
        return CategoricalDistribution(range(len(dimension.values)))
    if dimension.kind == "int_uniform":
        return IntDistribution(int(dimension.numbers[0]), int(dimension.numbers[1]))
    return FloatDistribution(0.0, 1.0)


def _coordinate(dimension: Dimension, value: Scalar) -> int | float | None:
    """Where Optuna has a value; None for one that the dimension does not have."""
    if dimension.is_choice:
        typed = [type(choice) is type(value) and choice == value for choice in dimension.values]
        return typed.index(True) if True in typed else None
    if dimension.kind != "int_uniform":
        return dimension.quantile(value)
    low, high = dimension.numbers
    return value if type(value) is int and low <= value <= high else None


def _value(dimension: Dimension, coordinate: float) -> Scalar:
    if dimension.is_choice:
        return dimension.values[int(coordinate)]
    return int(coordinate) if dimension.kind == "int_uniform" else dimension.at(float(coordinate))
