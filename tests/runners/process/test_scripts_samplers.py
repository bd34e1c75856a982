"""The constructors that a script writes for Optuna make what the engine makes."""

import warnings
from typing import Any

import optuna
import pytest
from optuna.exceptions import ExperimentalWarning

from runners.optimizers.compile import suggest
from runners.optimizers.pruners import PRUNERS, make_pruner
from runners.optimizers.samplers import SAMPLERS, make_sampler
from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace
from sweeps.queries.script.optuna import pruner_code, sampler_code

SPACE = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 0.0, "high": 1.0, "step": 0.25},
            {"type": "int", "name": "num_train_epochs", "low": 1, "high": 5},
        ]
    }
)
TRIALS = 16
OPTIONS: dict[str, dict[str, Scalar]] = {
    "tpe": {"n_startup_trials": 3, "multivariate": True},
    "gp": {"n_startup_trials": 14},
    "cmaes": {"popsize": 4},
    "nsgaii": {"population_size": 4},
    "nsgaiii": {"population_size": 4},
    "qmc": {"scramble": True},
}


def made(code: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return eval(code, {"optuna": optuna})


def drawn(sampler: optuna.samplers.BaseSampler) -> list[dict[str, Any]]:
    def objective(trial: optuna.Trial) -> float:
        params = suggest(trial, SPACE)
        return float(params["learning_rate"]) - 0.3 * float(params["num_train_epochs"])  # type: ignore[arg-type]  # numbers

    study = optuna.create_study(sampler=sampler)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.optimize(objective, n_trials=TRIALS)
    return [trial.params for trial in study.trials]


@pytest.mark.parametrize("options", [False, True], ids=["defaults", "options"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_sampler_draws_the_same(name: str, options: bool) -> None:
    fixed: dict[str, Scalar] = {"num_train_epochs": 3} if name == "partial_fixed" else {}
    choice = NamedChoice(name=name, options=OPTIONS.get(name, {}) if options else {})
    backend = OptunaBackend(sampler=choice, fixed=fixed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        ours = make_sampler(choice, 5, SPACE, fixed)
    theirs = made(sampler_code(backend, SPACE, 5))
    assert isinstance(ours, type(theirs))
    assert drawn(ours) == drawn(theirs)


@pytest.mark.parametrize("inner", [None, "median", "hyperband"])
@pytest.mark.parametrize("name", PRUNERS)
def test_a_pruner_is_the_same(name: str, inner: str | None) -> None:
    options: dict[str, Scalar] = {"pruner": inner} if name == "patient" and inner else {}
    if name == "threshold":
        options = {"lower": 0.25}
    choice = NamedChoice(name=name, options=options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        ours = make_pruner(choice)
    theirs = made(pruner_code(choice))
    assert type(ours) is type(theirs)
    assert state(ours) == state(theirs)


def state(pruner: Any) -> dict[str, Any]:
    """What it is made of, through the pruners inside it."""
    return {
        name: (type(value), state(value)) if isinstance(value, optuna.pruners.BasePruner) else repr(value)
        for name, value in vars(pruner).items()
    }
