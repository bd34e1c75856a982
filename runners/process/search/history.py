"""Trials that were finished before, by this sweep's other jobs, perhaps in another version of its space.

What samplers make of a trial outside the present space:

- A number outside the present bounds stays what it is. TPE and the Gaussian process learn from it as from any other; CMA-ES,
  NSGA-II and NSGA-III begin a new population with each job in any case; random, grid, quasi-random and brute force
  search only count or compare. None of them draws outside of the bounds because of it.
- A choice that has been dropped has no place in Optuna's distributions. TPE that learns each row by itself (`group`, or
  `multivariate` off) learns from the trial's other rows. Samplers that learn rows together would lose the row for all
  trials, and brute force would fail, so for them the trial is left out. It still counts on the server.
"""

import datetime
from collections.abc import Iterable
from typing import Final

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from runners.optimizers.compile import compiled
from runners.optimizers.sequences import HISTORY
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar
from runners.protocol.job import FinishedTrial
from runners.protocol.space import SearchSpace

_STATES: Final = {"complete": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "fail": TrialState.FAIL}
_LEARN_NOTHING: Final = frozenset({"random", "grid", "qmc"})


def learns_rows_alone(sampler: NamedChoice, n_objectives: int) -> bool:
    """Whether a trial that lacks a row does no harm to what the sampler learns of it."""
    if sampler.name in _LEARN_NOTHING:
        return True
    if sampler.name != "tpe":
        return False
    together = sampler.options.get("multivariate")
    if together is None:
        together = n_objectives == 1
    return not together or bool(sampler.options.get("group"))


def add_history(
    study: Study, storage: BaseStorage, history: Iterable[FinishedTrial], space: SearchSpace, *, partial: bool
) -> None:
    """Put finished trials into a new study. `partial`: see `learns_rows_alone`."""
    distributions = compiled(space)
    for trial in history:
        frozen = _frozen(trial, distributions)
        if partial or not _lacks(trial, frozen, distributions):
            # Not `study.add_trial`, which refuses numbers outside of their distribution.
            storage.create_new_trial(study._study_id, template_trial=frozen)  # noqa: SLF001 - as add_trial does


def _lacks(trial: FinishedTrial, frozen: FrozenTrial, distributions: dict[str, BaseDistribution]) -> bool:
    return any(name in distributions and name not in frozen.params for name in trial.params)


def has_place(distribution: BaseDistribution, value: Scalar) -> bool:
    """Whether Optuna's storages can hold this value of a row."""
    if not isinstance(distribution, CategoricalDistribution):
        return True
    return any(type(choice) is type(value) and choice == value for choice in distribution.choices)


def _frozen(trial: FinishedTrial, distributions: dict[str, BaseDistribution]) -> FrozenTrial:
    params = {
        name: value
        for name, value in trial.params.items()
        if name in distributions and has_place(distributions[name], value)
    }
    state = _STATES[trial.state]
    values = list(trial.values) if trial.values and state is not TrialState.FAIL else None
    now = datetime.datetime.now()  # noqa: DTZ005 - as Optuna's own are
    return FrozenTrial(
        number=-1,
        trial_id=-1,
        state=state,
        value=None,
        values=values,
        datetime_start=now,
        datetime_complete=now,
        params=params,
        distributions={name: distributions[name] for name in params},
        user_attrs={HISTORY: True},
        system_attrs={},
        intermediate_values=dict(trial.intermediate),
    )
