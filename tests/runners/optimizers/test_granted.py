"""The sampler that can be told."""

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
import pytest
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import TrialState

from runners.optimizers.compile import suggest
from runners.optimizers.granted import GrantedSampler
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, SearchSpace

SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="x", low=-1.0, high=1.0),
        CategoricalParameter(name="c", choices=(1, 2, 3)),
        FloatParameter(name="y", low=1e-3, high=1.0, log=True),
    )
)


def value(params: Mapping[str, Any]) -> float:
    return float(params["x"] ** 2 + params["c"] + params["y"])


def trials(sampler: BaseSampler, grants: Mapping[int, Mapping[str, Scalar]], n: int) -> list[dict[str, Any]]:
    """`n` trials of a study; `grants`: position → parameters."""
    study = optuna.create_study(sampler=sampler)
    for position in range(n):
        if isinstance(sampler, GrantedSampler):
            sampler.granted = grants.get(position)
        trial = study.ask()
        params = suggest(trial, SPACE)
        study.tell(trial, value(params))
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("kind", [TPESampler, RandomSampler])
def test_without_grants_it_is_the_sampler_inside(kind: type[TPESampler] | type[RandomSampler]) -> None:
    assert trials(GrantedSampler(kind(seed=2)), {}, 15) == trials(kind(seed=2), {}, 15)


def test_a_grant_gives_exactly_its_values_and_moves_no_random_state() -> None:
    given = {"x": 0.125, "c": 3, "y": 0.5}
    free = trials(RandomSampler(seed=2), {}, 6)
    mixed = trials(GrantedSampler(RandomSampler(seed=2)), {1: given, 4: given}, 8)
    assert [mixed[1], mixed[4]] == [given, given]
    assert [params for index, params in enumerate(mixed) if index not in {1, 4}] == free


def test_granting_what_would_be_drawn_changes_nothing_after_it_for_tpe() -> None:
    """As after a lost attempt: the draw was made, its state saved, and the trial runs again by its parameters."""
    free = trials(TPESampler(seed=5), {}, 16)
    sampler = GrantedSampler(TPESampler(seed=5))
    study = optuna.create_study(sampler=sampler)
    for position in range(16):
        trial = study.ask()
        params = suggest(trial, SPACE)
        if position == 12:
            study.tell(trial, state=TrialState.FAIL)
            sampler.granted = params
            trial = study.ask()
            assert suggest(trial, SPACE) == params
            sampler.granted = None
        study.tell(trial, value(params))
    assert [trial.params for trial in study.trials if trial.state is TrialState.COMPLETE] == free


def test_a_row_that_the_grant_lacks_is_drawn() -> None:
    mixed = trials(GrantedSampler(RandomSampler(seed=2)), {0: {"c": 2}}, 1)[0]
    assert mixed["c"] == 2
    assert mixed["x"] == trials(RandomSampler(seed=2), {}, 1)[0]["x"]


def test_it_tells_how_each_trial_ended() -> None:
    ends: list[tuple[int, TrialState, Sequence[float] | None]] = []
    sampler = GrantedSampler(
        RandomSampler(seed=0), lambda trial, state, values: ends.append((trial.number, state, values))
    )
    study = optuna.create_study(sampler=sampler)

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 1:
            trial.report(0.5, 1)
            raise optuna.TrialPruned
        if trial.number == 2:
            raise OSError
        return 1.0

    study.optimize(objective, n_trials=3, catch=(OSError,))
    assert ends == [(0, TrialState.COMPLETE, [1.0]), (1, TrialState.PRUNED, [0.5]), (2, TrialState.FAIL, None)]
