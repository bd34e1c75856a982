"""Importances and hypervolume: values that can be known beforehand."""

import random
import subprocess
import sys
from typing import Any

import pytest

from runners.optimizers.analyse import analyse
from runners.optimizers.analysis import Aim, Asked, Found
from runners.optimizers.hypervolume import hypervolume
from runners.optimizers.importances import EVALUATORS, importances
from runners.protocol.space import SearchSpace

SPACE = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-1, "log": True},
            {"type": "float", "name": "weight_decay", "low": 0.0, "high": 0.1},
            {"type": "categorical", "name": "optim", "choices": ["adamw_torch", "adafactor"]},
        ]
    }
)


def trials(count: int) -> tuple[list[dict[str, Any]], list[list[float]]]:
    """Values that depend on the learning rate, a little on the optimizer, and on nothing else."""
    chance = random.Random(1)
    params: list[dict[str, Any]] = []
    values = []
    for _ in range(count):
        power = chance.uniform(-5, -1)
        optim = chance.choice(["adamw_torch", "adafactor"])
        params.append({"learning_rate": 10**power, "weight_decay": chance.uniform(0, 0.1), "optim": optim})
        values.append([(power + 3) ** 2 + (0.3 if optim == "adafactor" else 0.0)])
    return params, values


def test_every_evaluator_finds_what_the_value_depends_on() -> None:
    found = importances(SPACE, *trials(60), [("eval_loss", "minimize")])
    assert [rated.evaluator for rated in found.rated] == ["ped_anova", "mean_decrease_impurity", "fanova"]
    for rated in found.rated:
        assert rated.problem == ""
        assert (rated.trials, rated.of) == (60, 60)
        assert max(rated.shares, key=rated.shares.__getitem__) == "learning_rate"
        assert rated.shares["learning_rate"] > 0.7
        assert sum(rated.shares.values()) == pytest.approx(1.0, abs=1e-4)
    assert found.left_out == ()


def test_too_few_trials_are_said_to_be_too_few() -> None:
    found = importances(SPACE, *trials(4), [("eval_loss", "minimize")])
    assert {rated.problem for rated in found.rated} == {"10 trials with a value are needed; there are 4."}
    assert all(rated.shares == {} for rated in found.rated)


def test_what_is_not_rated_is_named() -> None:
    params, values = trials(20)
    for place, trial in enumerate(params):
        trial["seed"] = 7
        if place % 2:
            trial["data.max_length"] = place
    found = importances(SPACE, params, values, [("eval_loss", "minimize")])
    assert {row.name: row.why for row in found.left_out} == {
        "seed": "It is the same in every trial.",
        "data.max_length": "Not every trial has it.",
    }
    assert set(found.rated[0].shares) == {"learning_rate", "weight_decay", "optim"}


def test_values_outside_the_newest_space_and_spaces_that_nobody_told() -> None:
    params, values = trials(30)
    params[0]["learning_rate"] = 0.5
    params[1]["optim"] = "lion"
    for space in (SPACE, None):
        rated = importances(space, params, values, [("eval_loss", "minimize")]).rated[0]
        assert rated.problem == ""
        assert set(rated.shares) == {"learning_rate", "weight_decay", "optim"}


@pytest.mark.full
def test_a_large_sweep_is_sampled_and_says_so() -> None:
    params, values = trials(2_500)
    by_name = {evaluator.name: evaluator for evaluator in EVALUATORS}
    found = importances(SPACE, params, [[row[0], 1.0] for row in values], [("a", "minimize"), ("b", "maximize")])
    told = {(rated.evaluator, rated.objective): rated for rated in found.rated}
    assert told["ped_anova", "a"].trials == 2_500
    assert told["fanova", "a"].trials == by_name["fanova"].most
    assert told["fanova", "a"].of == 2_500
    assert told["fanova", "b"].problem == "All trials have the same value."


def test_hypervolume_of_two_objectives() -> None:
    # Loss down, accuracy up. The worst: loss 4, accuracy 0. Trial 1: (4-2)·(1-0) = 2; trial 3 adds (2-1)·0.5.
    found = hypervolume([0, 1, 2, 3], [[4, 0], [2, 1], [3, 0.5], [1, 0.5]], ["minimize", "maximize"])
    assert found is not None
    assert found.reference == (4.0, 0.0)
    assert found.numbers == (0, 1, 3)
    assert found.values == pytest.approx((0.0, 2.0, 2.5))


def test_hypervolume_of_three_objectives_and_of_one() -> None:
    found = hypervolume([5, 6], [[2, 2, 2], [0, 0, 0]], ["minimize"] * 3)
    assert found is not None
    assert (found.numbers, found.values) == ((5, 6), (0.0, 8.0))
    assert hypervolume([5], [[1.0]], ["minimize"]) is None


def test_the_process_answers_what_the_function_does() -> None:
    params, values = trials(12)
    asked = Asked(
        objectives=(Aim(name="eval_loss", direction="minimize"),),
        space=SPACE,
        numbers=tuple(range(12)),
        params=tuple(params),
        values=tuple(tuple(row) for row in values),
    )
    done = subprocess.run(
        [sys.executable, "-m", "runners.optimizers.analyse"],
        input=asked.model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert Found.model_validate_json(done.stdout) == analyse(asked)
