"""Every combination of a finite space, once, whoever tried the earlier ones."""

from collections.abc import Mapping
from typing import Any

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import GridSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from runners.optimizers.compile import compiled
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace

Grid = Mapping[str, list[Scalar]]


def grid_of(space: SearchSpace) -> dict[str, list[Scalar]]:
    """Name → values, in the rows' own order of values. Raises ValueError for a row that has no end of them."""
    values: dict[str, list[Scalar]] = {}
    for name, distribution in compiled(space).items():
        match distribution:
            case CategoricalDistribution():
                values[name] = list(distribution.choices)
            case IntDistribution():
                values[name] = list(range(distribution.low, distribution.high + 1, distribution.step))
            case FloatDistribution() if distribution.low == distribution.high:
                values[name] = [distribution.low]
            case FloatDistribution(step=float(step)):
                count = round((distribution.high - distribution.low) / step) + 1
                values[name] = [min(distribution.high, distribution.low + index * step) for index in range(count)]
            case _:
                raise ValueError(f"a grid needs a step or choices for {name}.")
    return values


class SpaceGrid(GridSampler):
    """Optuna's grid, which counts a point as visited by its values too.

    Optuna tells by an attribute that only its own trials carry: points that another runner tried, or that were given
    to the sampler, would be tried again. Where every trial is its own, the order is Optuna's.
    """

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        if "grid_id" in trial.system_attrs or "fixed_params" in trial.system_attrs:
            return
        taken = self._taken(study, trial.number)
        left = [point for point in range(len(self._all_grids)) if point not in taken]
        chosen = trial.number if trial.number in left else left[0] if left else trial.number % len(self._all_grids)
        storage = study._storage  # noqa: SLF001 - as the sampler that this one extends does
        storage.set_trial_system_attr(trial._trial_id, "search_space", self._search_space)  # noqa: SLF001
        storage.set_trial_system_attr(trial._trial_id, "grid_id", chosen)  # noqa: SLF001

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Any) -> None:
        """Nothing: the server counts the trials, so no call needs stopping."""

    def _taken(self, study: Study, number: int) -> set[int]:
        places = {tuple(map(_typed, point)): index for index, point in enumerate(self._all_grids)}
        taken = set()
        for other in study.get_trials(deepcopy=False):
            if other.number == number:
                continue
            point = other.system_attrs.get("grid_id")
            if point is None and set(other.params) == set(self._param_names):
                point = places.get(tuple(_typed(other.params[name]) for name in self._param_names))
            if point is not None:
                taken.add(point)
        return taken


def _typed(value: Any) -> tuple[type, Any]:
    return type(value), value
