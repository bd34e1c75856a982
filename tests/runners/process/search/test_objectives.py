"""What an evaluation is worth, and what a trial is."""

import math
from typing import Any

import pytest

from runners.process.search.objectives import Objectives
from runners.process.training.failures import NotFinite
from runners.protocol.objective import Objective

LOSS = Objective(metric="eval_loss", direction="minimize", over="best")
ACCURACY = Objective(metric="eval_accuracy", direction="maximize")
SUM = Objective(
    metric="weighted_sum", direction="maximize", over="best", weights={"eval_accuracy": 2.0, "eval_loss": -1.0}
)
EVALUATIONS = [
    {"eval_loss": 3.0, "eval_accuracy": 0.5},
    {"eval_loss": 1.0, "eval_accuracy": 0.75},
    {"eval_loss": 2.0, "eval_accuracy": 0.25},
]


@pytest.mark.parametrize(
    ("objectives", "each", "best"),
    [
        ([LOSS], [3.0, 1.0, 2.0], 1.0),
        ([ACCURACY], [0.5, 0.75, 0.25], 0.25),
        ([SUM], [-2.0, 0.5, -1.5], 0.5),
        ([LOSS, ACCURACY], [(3.0, 0.5), (1.0, 0.75), (2.0, 0.25)], (1.0, 0.25)),
    ],
)
def test_an_evaluation_has_its_own_value_and_the_trial_the_one_that_counts(
    objectives: list[Objective], each: list[Any], best: Any
) -> None:
    asked = Objectives(objectives)
    assert [asked(metrics) for metrics in EVALUATIONS] == each
    assert asked.settled(each[-1]) == best


def test_a_search_that_takes_the_last_report_is_given_the_best_so_far() -> None:
    asked = Objectives([LOSS])
    assert [asked.so_far(metrics) for metrics in EVALUATIONS] == [3.0, 1.0, 1.0]


def test_asking_for_the_values_alone_remembers_nothing() -> None:
    asked = Objectives([LOSS])
    assert asked.values({"eval_loss": 0.5}) == (0.5,)
    assert asked.settled(asked({"eval_loss": 3.0})) == 3.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_any_objective_that_is_not_finite_fails(value: float) -> None:
    with pytest.raises(NotFinite, match="eval_accuracy is not finite"):
        Objectives([LOSS, ACCURACY])({"eval_loss": 1.0, "eval_accuracy": value})


def test_a_metric_that_was_not_measured_is_named() -> None:
    with pytest.raises(LookupError, match=r"eval_accuracy was not measured\. Measured: eval_loss\."):
        Objectives([ACCURACY])({"eval_loss": 1.0})
