"""When a search may end before its budget."""

import optuna
import pytest

from runners.optimizers.terminators import TERMINATORS, make_terminator
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar


def study(values: list[float]) -> optuna.Study:
    made = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for value in values:
        trial = made.ask()
        trial.suggest_float("x", 0, 1)
        made.tell(trial, value)
    return made


FALLING = [1 / number for number in range(1, 11)]
FLAT = [0.5] * 10


@pytest.mark.parametrize(
    ("options", "values", "ends"),
    [
        ({"min_n_trials": 5, "max_stagnation_trials": 6}, FLAT, True),
        ({"min_n_trials": 5, "max_stagnation_trials": 6}, FALLING, False),
        ({"min_n_trials": 5, "max_stagnation_trials": 20}, FLAT, False),
        ({"min_n_trials": 11, "max_stagnation_trials": 6}, FLAT, False),
    ],
)
def test_no_better_trial_for_a_while(options: dict[str, Scalar], values: list[float], ends: bool) -> None:
    assert make_terminator(NamedChoice(name="stagnation", options=options))(study(values)) is ends


@pytest.mark.parametrize(("tolerance", "ends"), [(1e6, True), (1e-9, False)])
def test_a_model_of_the_objective_expects_too_little(tolerance: float, ends: bool) -> None:
    options: dict[str, Scalar] = {"min_n_trials": 5, "tolerance": tolerance}
    assert make_terminator(NamedChoice(name="regret_bound", options=options))(study(FALLING)) is ends


@pytest.mark.parametrize("name", TERMINATORS)
def test_failed_and_pruned_trials_do_not_count_as_complete(name: str) -> None:
    made = study([0.5])
    for state in (optuna.trial.TrialState.FAIL, optuna.trial.TrialState.PRUNED):
        for _ in range(5):
            made.tell(made.ask(), state=state)
    assert make_terminator(NamedChoice(name=name, options={"min_n_trials": 5}))(made) is False


def test_what_is_unknown_is_named() -> None:
    with pytest.raises(ValueError, match=r"'soon' is unknown\. Terminators: stagnation, regret_bound"):
        make_terminator(NamedChoice(name="soon"))
