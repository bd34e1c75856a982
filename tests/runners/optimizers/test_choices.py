"""Samplers and pruners by name, with options as data."""

from collections.abc import Callable, Mapping
from typing import Any

import optuna
import pytest
from optuna.pruners import MedianPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from runners.optimizers.pruners import PRUNERS, PrunerKind, make_pruner
from runners.optimizers.samplers import SAMPLERS, SamplerKind, make_sampler
from runners.protocol.backends import NamedChoice


def test_they_are_optunas() -> None:
    assert isinstance(make_sampler(NamedChoice(name="tpe"), 0), TPESampler)
    assert isinstance(make_sampler(NamedChoice(name="random"), 0), RandomSampler)
    assert isinstance(make_pruner(NamedChoice(name="none")), NopPruner)
    assert isinstance(make_pruner(NamedChoice(name="median", options={"n_startup_trials": 2})), MedianPruner)


@pytest.mark.parametrize("name", SAMPLERS)
def test_defaults_are_the_librarys(name: str) -> None:
    """What we call an option's default gives the draws that the library gives without any option."""

    def draws(sampler: BaseSampler) -> list[dict[str, Any]]:
        study = optuna.create_study(sampler=sampler)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1) * trial.suggest_int("n", 1, 9), n_trials=14)
        return [trial.params for trial in study.trials]

    assert draws(make_sampler(NamedChoice(name=name), 3)) == draws(SAMPLERS[name].build(seed=3))


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
        (lambda c: make_sampler(c, 0), NamedChoice(name="tpee"), "sampler 'tpee' is unknown. Samplers: tpe, random."),
        (lambda c: make_sampler(c, 0), NamedChoice(name="random", options={"n": 1}), "random has no option n"),
        (lambda c: make_sampler(c, 0), NamedChoice(name="tpe", options={"n_startup_trials": -1}), "0 or more"),
        (lambda c: make_sampler(c, 0), NamedChoice(name="tpe", options={"n_startup_trials": 1.5}), "whole number"),
        (lambda c: make_sampler(c, 0), NamedChoice(name="tpe", options={"constant_liar": "yes"}), "true or false"),
        (make_pruner, NamedChoice(name="medium"), "pruner 'medium' is unknown. Pruners: none, median."),
        (make_pruner, NamedChoice(name="median", options={"n_warmup_steps": "x"}), "n_warmup_steps must be a number"),
    ],
)
def test_what_is_unknown_or_wrong_is_named(
    make: Callable[[NamedChoice], object], choice: NamedChoice, words: str
) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        make(choice)
