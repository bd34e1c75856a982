"""What the guard says, and what it keeps quiet about."""

from typing import Any

import pytest

from sweeps.queries.compare.guard import guard
from tests.factories import Cast
from tests.sweeps.queries.compare.world import add_ran, plain_sweep, side_by_side
from tests.sweeps.talk import spec

pytestmark = pytest.mark.django_db


def told(*trials: Any) -> dict[str, list[str]]:
    return {warned.title: warned.groups for warned in guard(side_by_side(*trials)).warned}


def test_nothing_is_said_of_trials_that_differ_in_their_parameters_alone(cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    verdict = guard(side_by_side(*(add_ran(sweep, n, params={"learning_rate": 0.1 * n}) for n in range(3))))
    assert (verdict.warned, verdict.unknown) == ([], [])
    assert verdict.alike == [
        "data set version", "evaluation split", "task or metric", "precision", "effective batch", "GPU count",
        "library versions", "seed",
    ]  # fmt: skip


def test_each_difference_is_said_with_the_trials_that_have_it(cast: Cast) -> None:
    one = plain_sweep(cast.team)
    data = {**spec()["data"], "digest": "e" * 64, "eval": {"sha256": "c" * 64, "size": 5, "rows": 9}}
    best = [{"metric": "eval_accuracy", "direction": "maximize", "over": "best"}]
    other = plain_sweep(cast.team, data=data, objectives=best, processes=2, arguments={"fp16": True})
    facts = {"device": "NVIDIA H100 (GPU 0, 1)", "versions": {"torch": "2.12.0", "transformers": "5.23.0"}}
    first, second = add_ran(one, 0), add_ran(one, 1, seed=7)
    third = add_ran(other, 0, facts)
    assert told(first, second, third) == {
        "Data set version": [f"rows dddddddddddd: {one.name} #0, {one.name} #1", f"rows eeeeeeeeeeee: {other.name} #0"],
        "Evaluation split": [
            f"4 rows, file bbbbbbbbbbbb: {one.name} #0, {one.name} #1", f"9 rows, file cccccccccccc: {other.name} #0"
        ],
        "Task or metric": [
            f"text-classification: eval_accuracy (last): {one.name} #0, {one.name} #1",
            f"text-classification: eval_accuracy (best): {other.name} #0",
        ],
        "Precision": [f"fp32: {one.name} #0, {one.name} #1", f"fp16: {other.name} #0"],
        "Effective batch": [f"8: {one.name} #0, {one.name} #1", f"16: {other.name} #0"],
        "GPU count": [f"1 GPU: {one.name} #0, {one.name} #1", f"2 GPUs: {other.name} #0"],
        "Library versions": [
            f"optuna 5.0.0, torch 2.13.0: {one.name} #0, {one.name} #1",
            f"optuna not there, torch 2.12.0: {other.name} #0",
        ],
        "Seed": [f"42: {one.name} #0, {other.name} #0", f"7: {one.name} #1"],
    }  # fmt: skip


def test_many_groups_and_trials_are_counted_rather_than_named(cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    trials = [add_ran(sweep, n, seed=max(n - 5, 0)) for n in range(12)]
    assert told(*trials)["Seed"] == [
        "0: trials 0, 1, 2 and 3 more", "1: trial 6", "2: trial 7", "3: trial 8", "and 3 more"
    ]  # fmt: skip


def test_what_is_not_known_is_said(cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    verdict = guard(side_by_side(add_ran(sweep, 0), add_ran(sweep, 1, {"device": "", "versions": {}})))
    assert verdict.unknown == ["GPU count of 1 trial", "Library versions of 1 trial"]
    assert guard(side_by_side(add_ran(sweep, 2))).alike == []


def test_losses_over_other_tokens_are_other_quantities(cast: Cast) -> None:
    small = {"source": "trained", "vocab_size": 500}
    one = plain_sweep(cast.team, task="causal-lm")
    two = plain_sweep(cast.team, task="causal-lm", processor=small)
    assert list(told(add_ran(one, 0), add_ran(two, 0))) == ["Tokens"]
    assert told(add_ran(plain_sweep(cast.team), 0), add_ran(plain_sweep(cast.team, processor=small), 0)) == {}
