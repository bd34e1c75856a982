"""Samplers and pruners by name, with options as data."""

from collections.abc import Callable, Mapping
from typing import Any

import optuna
import pytest
from optuna import samplers
from optuna.pruners import MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from runners.optimizers.pruners import PRUNERS, PrunerKind, make_pruner
from runners.optimizers.samplers import SAMPLERS, SamplerKind, make_sampler, unfit
from runners.protocol.backends import NamedChoice
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, When


def test_they_are_optunas() -> None:
    assert isinstance(make_sampler(NamedChoice(name="tpe"), 0, SearchSpace()), TPESampler)
    assert isinstance(make_sampler(NamedChoice(name="random"), 0, SearchSpace()), RandomSampler)
    assert isinstance(make_pruner(NamedChoice(name="none")), NopPruner)
    assert isinstance(make_pruner(NamedChoice(name="median", options={"n_startup_trials": 2})), MedianPruner)


SPACE = SearchSpace(
    parameters=(FloatParameter(name="x", low=0, high=1, step=0.125), IntParameter(name="n", low=1, high=9))
)
GRID: dict[str, list[float | int]] = {"x": [index / 8 for index in range(9)], "n": list(range(1, 10))}
PLAIN: dict[str, Callable[[], BaseSampler]] = {
    "tpe": lambda: samplers.TPESampler(seed=3),
    "gp": lambda: samplers.GPSampler(seed=3),
    "cmaes": lambda: samplers.CmaEsSampler(seed=3),
    "nsgaii": lambda: samplers.NSGAIISampler(seed=3),
    "nsgaiii": lambda: samplers.NSGAIIISampler(seed=3),
    "qmc": lambda: samplers.QMCSampler(seed=3),
    "random": lambda: samplers.RandomSampler(seed=3),
    "grid": lambda: samplers.GridSampler(GRID, seed=3),
    "brute_force": lambda: samplers.BruteForceSampler(seed=3),
    "partial_fixed": lambda: samplers.PartialFixedSampler({"n": 4}, samplers.TPESampler(seed=3)),
}


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
@pytest.mark.parametrize("name", SAMPLERS)
def test_defaults_are_the_librarys(name: str) -> None:
    """What we call an option's default gives the draws that the library gives without any option."""

    def draws(sampler: BaseSampler) -> list[dict[str, Any]]:
        study = optuna.create_study(sampler=sampler)
        study.optimize(
            lambda trial: trial.suggest_float("x", 0, 1, step=0.125) * trial.suggest_int("n", 1, 9), n_trials=16
        )
        return [trial.params for trial in study.trials]

    assert draws(make_sampler(NamedChoice(name=name), 3, SPACE, {"n": 4})) == draws(PLAIN[name]())


def test_a_grid_tries_every_point_once_also_after_another_runner() -> None:
    sampler = make_sampler(NamedChoice(name="grid"), 3, SPACE)
    study = optuna.create_study(sampler=sampler)
    earlier = study.ask({name: optuna.distributions.CategoricalDistribution(values) for name, values in GRID.items()})
    study.tell(earlier, 1.0)
    # Another runner's trials come as values alone.
    values = [optuna.distributions.CategoricalDistribution(GRID[name]) for name in GRID]
    later = optuna.create_study(sampler=make_sampler(NamedChoice(name="grid"), 99, SPACE))
    for x, n in [(0.0, 1), (1.0, 9), (0.5, 5)]:
        params = dict(zip(GRID, (x, n), strict=True))
        later.add_trial(
            optuna.trial.create_trial(params=params, distributions=dict(zip(GRID, values, strict=True)), value=0.0)
        )
    later.optimize(lambda trial: sum(trial.suggest_categorical(name, choices) for name, choices in GRID.items()), 78)
    points = [tuple(trial.params[name] for name in GRID) for trial in later.trials]
    assert len(points) == len(set(points)) == 81


@pytest.mark.parametrize(
    ("name", "rows", "n_objectives", "said"),
    [
        ("cmaes", ("words",), 1, "draws numbers only"),
        ("cmaes", ("number",), 2, "serves one objective"),
        ("grid", ("number",), 1, "needs a finite space: give number a step"),
        ("brute_force", ("number",), 1, "needs a finite space"),
        ("qmc", ("whole", "conditional"), 1, "have a condition"),
        ("grid", ("words", "stepped"), 1, None),
        ("brute_force", ("whole", "conditional"), 1, None),
        ("tpe", ("number", "words", "whole", "conditional"), 3, None),
        ("gp", ("number", "words"), 2, None),
    ],
)
def test_what_a_sampler_fits(name: str, rows: tuple[str, ...], n_objectives: int, said: str | None) -> None:
    known = {
        "number": FloatParameter(name="number", low=0, high=1),
        "stepped": FloatParameter(name="stepped", low=0, high=1, step=0.5),
        "whole": IntParameter(name="whole", low=0, high=3),
        "words": CategoricalParameter(name="words", choices=("a", "b")),
        "conditional": IntParameter(name="conditional", low=0, high=3, when=When(name="whole", values=(1, 2))),
    }
    reason = unfit(name, SearchSpace(parameters=tuple(known[row] for row in rows)), n_objectives)
    assert reason is None if said is None else said in (reason or "")


@pytest.mark.parametrize("kinds", [SAMPLERS, PRUNERS])
def test_every_option_has_words_and_a_default_within_its_bounds(kinds: Mapping[str, SamplerKind | PrunerKind]) -> None:
    for kind in kinds.values():
        assert kind.label
        assert kind.help
        for option in kind.options:
            assert option.help
            if isinstance(option.default, int) and option.minimum is not None:
                assert option.default >= option.minimum


@pytest.mark.parametrize(
    ("make", "choice", "words"),
    [
        (
            lambda c: make_sampler(c, 0, SearchSpace()),
            NamedChoice(name="tpee"),
            "sampler 'tpee' is unknown. Samplers: tpe, gp,",
        ),
        (
            lambda c: make_sampler(c, 0, SearchSpace()),
            NamedChoice(name="random", options={"n": 1}),
            "random has no option n",
        ),
        (
            lambda c: make_sampler(c, 0, SearchSpace()),
            NamedChoice(name="tpe", options={"n_startup_trials": -1}),
            "0 or more",
        ),
        (
            lambda c: make_sampler(c, 0, SearchSpace()),
            NamedChoice(name="tpe", options={"n_startup_trials": 1.5}),
            "whole number",
        ),
        (
            lambda c: make_sampler(c, 0, SearchSpace()),
            NamedChoice(name="tpe", options={"constant_liar": "yes"}),
            "true or false",
        ),
        (make_pruner, NamedChoice(name="medium"), "pruner 'medium' is unknown. Pruners: none, median,"),
        (make_pruner, NamedChoice(name="median", options={"n_warmup_steps": "x"}), "n_warmup_steps must be a number"),
    ],
)
def test_what_is_unknown_or_wrong_is_named(
    make: Callable[[NamedChoice], object], choice: NamedChoice, words: str
) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        make(choice)
