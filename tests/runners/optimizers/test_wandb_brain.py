"""What hpweb's own W&B endpoint proposes: every distribution, the grid, TPE, Hyperband."""

import math
import re
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.optimizers.wandb_brain import Past, WandbBrain
from runners.optimizers.wandb_choices import early_options
from runners.optimizers.wandb_distributions import read_parameters
from runners.optimizers.wandb_hyperband import Hyperband
from runners.protocol.backends import NamedChoice


def brain(method: str, seed: int = 7, goal: str = "minimize", **parameters: Any) -> WandbBrain:
    return WandbBrain({"method": method, "metric": {"name": "loss", "goal": goal}, "parameters": parameters}, seed)


def at(definition: dict[str, Any], quantile: float) -> Any:
    return read_parameters({"parameters": {"x": definition}})[0].at(quantile)


@pytest.mark.parametrize(
    ("definition", "low", "middle", "high"),
    [
        ({"value": "adamw"}, "adamw", "adamw", "adamw"),
        ({"values": [8, 16, 32]}, 8, 16, 32),
        ({"values": [1, 2], "probabilities": [0.9, 0.1]}, 1, 1, 2),
        ({"min": 1, "max": 5}, 1, 3, 5),
        ({"min": 0.0, "max": 1}, 0.0, 0.5, 1.0),
        ({"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25}, 0.0, 0.5, 1.0),
        ({"distribution": "q_uniform", "min": 2, "max": 8, "q": 2}, 2, 4, 8),
        ({"distribution": "log_uniform", "min": -2, "max": 2}, math.exp(-2), 1.0, math.exp(2)),
        ({"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-3}, 1e-5, 1e-4, 1e-3),
        ({"distribution": "inv_log_uniform", "min": -2, "max": 2}, math.exp(-2), 1.0, math.exp(2)),
        ({"distribution": "inv_log_uniform_values", "min": 1e-5, "max": 1e-3}, 1e-5, 1e-4, 1e-3),
        ({"distribution": "q_log_uniform", "min": 0, "max": 4, "q": 1}, 1, 7, 55),
        ({"distribution": "q_log_uniform_values", "min": 1, "max": 100, "q": 5}, 0, 10, 100),
        ({"distribution": "normal", "mu": 3}, -4.0345, 3.0, 10.0345),
        ({"distribution": "q_normal", "mu": 3, "q": 1}, -4, 3, 10),
        ({"distribution": "log_normal"}, math.exp(-7.0345), 1.0, math.exp(7.0345)),
        ({"distribution": "q_log_normal", "q": 1}, 0, 1, 1135),
        ({"distribution": "beta", "a": 2, "b": 2}, 0.0, 0.5, 1.0),
        ({"distribution": "q_beta", "a": 2, "b": 2, "q": 0.5}, 0.0, 0.5, 1.0),
    ],
)
def test_each_distribution_at_its_ends_and_its_middle(
    definition: dict[str, Any], low: Any, middle: Any, high: Any
) -> None:
    drawn = [at(definition, quantile) for quantile in (0.0, 0.5, 1.0)]
    for value, wanted in zip(drawn, (low, middle, high), strict=True):
        assert type(value) is type(wanted)
        assert value == (pytest.approx(wanted, rel=1e-3, abs=1e-9) if isinstance(wanted, float) else wanted)


@pytest.mark.parametrize(
    "definition",
    [
        {"min": 0.5, "max": 2.0},
        {"distribution": "log_uniform", "min": -3, "max": 1},
        {"distribution": "log_uniform_values", "min": 1e-4, "max": 10},
        {"distribution": "inv_log_uniform", "min": -1, "max": 2},
        {"distribution": "inv_log_uniform_values", "min": 1e-4, "max": 10},
        {"distribution": "normal", "mu": 2, "sigma": 0.5},
        {"distribution": "log_normal", "mu": 1, "sigma": 0.5},
        {"distribution": "beta", "a": 2, "b": 3},
    ],
)
@given(quantile=st.floats(0.01, 0.99))
def test_the_quantile_of_a_value_is_where_it_was_drawn(definition: dict[str, Any], quantile: float) -> None:
    dimension = read_parameters({"parameters": {"x": definition}})[0]
    assert dimension.quantile(dimension.at(quantile)) == pytest.approx(quantile, abs=1e-6)


def test_random_draws_repeat_by_number_and_cover_the_space() -> None:
    searched = brain(
        "random", lr={"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1}, batch={"values": [8, 16]}
    )
    draws = [searched.propose(number) for number in range(400)]
    assert draws == [searched.propose(number) for number in range(400)]
    assert all(draw and list(draw) == ["lr", "batch"] for draw in draws)
    rates = [float(draw["lr"]) for draw in draws if draw]  # type: ignore[arg-type]  # a number
    assert statistics.median(math.log10(rate) for rate in rates) == pytest.approx(-3, abs=0.3)
    assert len(set(rates)) == 400
    eights = sum(draw["batch"] == 8 for draw in draws if draw)
    assert 150 < eights < 250
    assert brain("random", seed=8, lr={"min": 0.0, "max": 1.0}).propose(0) != brain(
        "random", lr={"min": 0.0, "max": 1.0}
    ).propose(0)


def test_a_grid_has_each_point_once_names_sorted_and_the_last_one_fastest() -> None:
    searched = brain("grid", b={"values": [1, 2, 2]}, a={"min": 0, "max": 1}, c={"value": "x"})
    assert searched.size == 4
    points = [searched.propose(number) for number in range(5)]
    assert points == [
        {"b": 1, "a": 0, "c": "x"},
        {"b": 2, "a": 0, "c": "x"},
        {"b": 1, "a": 1, "c": "x"},
        {"b": 2, "a": 1, "c": "x"},
        None,
    ]


def test_true_and_one_are_two_points_of_a_grid() -> None:
    assert brain("grid", a={"values": [True, 1, 1.0]}).size == 3


def test_a_grid_over_a_continuum_is_refused_with_the_mend() -> None:
    with pytest.raises(ValueError, match=r"parameters\.lr: a grid needs a finite number of values.*Give values"):
        brain("grid", lr={"min": 0.0, "max": 1.0})


def test_bayes_learns_and_repeats() -> None:
    searched = brain("bayes", x={"min": -5.0, "max": 5.0}, n={"min": 1, "max": 9}, kind={"values": ["good", "bad"]})
    past: list[Past] = []
    for number in range(40):
        params = searched.propose(number, past)
        assert params is not None
        assert params == searched.propose(number, past)
        value = (float(params["x"] or 0) - 2) ** 2 + (params["kind"] == "bad") * 5
        past.append(Past(params, "complete", value))
    late = [float(trial.params["x"] or 0) for trial in past[-10:]]
    assert statistics.mean(abs(x - 2) for x in late) < 1.5
    assert sum(trial.params["kind"] == "good" for trial in past[-10:]) >= 6


def test_bayes_takes_failed_pruned_running_and_foreign_trials() -> None:
    searched = brain("bayes", x={"min": 0.0, "max": 1.0}, kind={"values": ["a", "b"]})
    past = [
        Past({"x": 0.5, "kind": "a"}, "pruned", 3.0),
        Past({"x": 0.5, "kind": "a"}, "fail"),
        Past({"x": 0.5, "kind": "gone"}, "complete", 1.0),
        Past({"y": 1}, "complete", 1.0),
        Past({"x": 0.2, "kind": "b"}, "complete"),
        Past({"x": 0.9, "kind": "b"}, "running"),
    ]
    params = searched.propose(20, past)
    assert params is not None
    assert 0 <= float(params["x"] or 0) <= 1


def test_nested_parameters_go_out_as_they_came() -> None:
    searched = brain(
        "grid", optimizer={"parameters": {"lr": {"values": [0.1]}, "name": {"value": "sgd"}}}, epochs={"value": 2}
    )
    params = searched.propose(0)
    assert params == {"optimizer.lr": 0.1, "optimizer.name": "sgd", "epochs": 2}
    assert searched.nested(params) == {"optimizer": {"lr": 0.1, "name": "sgd"}, "epochs": 2}


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({}, "parameters: name at least one"),
        (
            {"method": "anneal", "parameters": {"x": {"value": 1}}},
            "method: 'anneal' is unknown. Methods: random, grid, bayes",
        ),
        ({"parameters": {"x": 3}}, "parameters.x: give its value"),
        ({"parameters": {"x": {"min": 3}}}, "parameters.x: give its value"),
        ({"parameters": {"x": {"min": 3, "max": 1}}}, "parameters.x: min 3 is above max 1"),
        ({"parameters": {"x": {"min": "a", "max": 1}}}, "parameters.x.min: a number is needed"),
        ({"parameters": {"x": {"values": []}}}, "parameters.x.values: a list with at least one"),
        ({"parameters": {"x": {"values": [[1]]}}}, "a value must be a string, a finite number"),
        (
            {"parameters": {"x": {"values": [1], "probabilities": [0]}}},
            "parameters.x.probabilities: none may be below 0",
        ),
        ({"parameters": {"x": {"distribution": "poisson"}}}, "parameters.x.distribution: 'poisson' is unknown"),
        (
            {"parameters": {"x": {"distribution": "log_uniform_values", "min": 0, "max": 1}}},
            "a log scale needs min above 0",
        ),
        ({"parameters": {"x": {"distribution": "log_uniform", "min": 1, "max": 1000}}}, "are exponents"),
        (
            {"parameters": {"x": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0}}},
            "parameters.x.q: must be above 0",
        ),
        ({"parameters": {"a.b": {"value": 1}, "a": {"parameters": {"b": {"value": 2}}}}}, "the name stands twice"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_its_name(configuration: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        WandbBrain(configuration, 0)


def hyperband(direction: str = "minimize", **options: Any) -> Hyperband:
    return Hyperband(early_options(NamedChoice(name="hyperband", options=options)), direction)


def test_brackets_from_min_iter_and_from_max_iter() -> None:
    assert hyperband(min_iter=3).brackets[:4] == (3, 9, 27, 81)
    assert hyperband(max_iter=27, s=2).brackets == (3, 9)
    assert hyperband(max_iter=5, s=2, eta=2.0).brackets == (1, 2)


def test_a_trial_ends_that_is_not_among_the_best_at_its_bracket() -> None:
    """The example of W&B's own documentation of its search."""
    histories = {0: [10.0, 9.0], 1: [10.0, 10.0], 2: [10.0, 8.0, 8.0], 3: [10.0, 7.0, 7.0], 4: [10.0, 6.0, 6.0]}
    band = hyperband(max_iter=5, s=2, eta=2.0)
    assert [number for number in histories if band.stops(number, histories)] == [0, 1]


def test_more_is_better_turns_it_round_and_no_bracket_ends_nobody() -> None:
    histories = {0: [0.9, 0.9], 1: [0.1, 0.1], 2: [0.5, 0.5]}
    band = hyperband("maximize", min_iter=2)
    assert [number for number in histories if band.stops(number, histories)] == [1]
    assert not any(hyperband("maximize", min_iter=3).stops(number, histories) for number in histories)
    assert not band.stops(0, {0: [0.1, 0.1]})
    assert not band.stops(7, histories)


def test_strict_judges_by_the_value_at_the_bracket_not_the_best_before_it() -> None:
    histories = {0: [1.0, 9.0], 1: [5.0, 2.0], 2: [5.0, 3.0]}
    assert not hyperband(min_iter=2).stops(0, histories)
    assert hyperband(min_iter=2, strict=True).stops(0, histories)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "give min_iter, or max_iter with s"),
        ({"min_iter": 3, "max_iter": 9}, "give min_iter, or max_iter with s"),
        ({"max_iter": 9}, "max_iter needs s"),
        ({"min_iter": 3, "s": 1}, "s goes with max_iter"),
        ({"min_iter": 0}, "min_iter must be 1 or more"),
        ({"patience": 1}, "has no option patience"),
    ],
)
def test_hyperband_without_brackets_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        hyperband(**options)
