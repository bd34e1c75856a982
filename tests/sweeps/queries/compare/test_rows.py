"""The table of a comparison: values, differences, what is left out."""

from typing import Any

import pytest

from sweeps.queries.compare.rows import Row, table
from tests.factories import Cast
from tests.sweeps.queries.compare.world import add_ran, plain_sweep, side_by_side

pytestmark = pytest.mark.django_db


def rows_of(*trials: Any, hide: bool = False) -> dict[tuple[str, str], Row]:
    found = table(side_by_side(*trials), hide=hide)
    return {(group.label, row.label): row for group in found.groups for row in group.rows}


def values(row: Row) -> list[Any]:
    return [None if cell.absent else cell.value for cell in row.cells]


def test_every_row_has_the_values_of_its_trials_in_their_order(cast: Cast) -> None:
    one = plain_sweep(cast.team, arguments={"per_device_train_batch_size": 4, "gradient_accumulation_steps": 2})
    two = plain_sweep(
        cast.team, processes=2, arguments={"bf16": True}, backend={"name": "optuna", "sampler": {"name": "random"}}
    )
    first = add_ran(one, 0, values=[0.9], last={"eval_accuracy": 0.9, "loss": 0.5}, best={"eval_accuracy": 0.95})
    params = {"learning_rate": 0.01, "per_device_train_batch_size": 16}
    facts = {"device": "NVIDIA H100 (GPU 0, 1)", "versions": {"torch": "2.12.0"}}
    second = add_ran(two, 7, facts, values=[0.8], params=params, last={"eval_accuracy": 0.8}, duration_s=4.5, seed=7)
    rows = rows_of(first, second)
    told = {key: values(row) for key, row in rows.items()}
    assert told["Trial", "Sweep"] == [one.name, two.name]
    assert told["Objectives", "eval_accuracy"] == [0.9, 0.8]
    assert told["Parameters", "learning_rate"] == [0.001, 0.01]
    assert told["Parameters", "per_device_train_batch_size"] == [None, 16]
    assert told["Metrics, last", "loss"] == [0.5, None]
    assert told["Metrics, best", "eval_accuracy"] == [0.95, None]
    assert told["Training", "Effective batch"] == [8, 32]
    assert told["Training", "Precision"] == ["fp32", "bf16"]
    assert told["Training", "Sampler"] == ["tpe", "random"]
    assert told["Training", "Seed"] == [42, 7]
    assert told["Machine", "GPUs"] == [1, 2]
    assert told["Library versions", "torch"] == ["2.13.0", "2.12.0"]
    assert told["Library versions", "optuna"] == ["5.0.0", None]
    assert rows["Objectives", "eval_accuracy"].cells[1].delta == "−0.1"
    assert rows["Training", "Duration"].cells[1].delta == "−5.5 s"
    assert rows["Training", "Task"].same
    assert not rows["Training", "Seed"].same


def test_alike_rows_are_left_out_and_those_that_differ_are_counted(cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    first = add_ran(sweep, 0, params={"learning_rate": 1, "flag": True}, values=[0.5])
    second = add_ran(sweep, 1, params={"learning_rate": 1.0, "flag": 1}, values=[0.5])
    rows = rows_of(first, second, hide=True)
    # 1 and 1.0 are alike, 1 and true are not; each job made a runner of its own.
    assert list(rows) == [("Parameters", "flag"), ("Machine", "Runner")]
    assert [row.place for row in rows.values()] == [1, 2]
    found = table(side_by_side(first, second), hide=True)
    assert (found.differing, found.alike > 10) == (2, True)


def test_the_processor_has_no_gpus_and_ray_says_how_many(cast: Cast) -> None:
    cpu = add_ran(plain_sweep(cast.team), 0, {"device": "CPU, 2 cores"})
    ray = add_ran(plain_sweep(cast.team, backend={"name": "ray", "gpus": 0.5}), 0)
    two = add_ran(plain_sweep(cast.team, backend={"name": "ray", "gpus": 2}), 0)
    rows = rows_of(cpu, ray, two)
    assert values(rows["Machine", "GPUs"]) == [0, 1, 2]
    assert values(rows["Training", "Effective batch"]) == [8, 8, 16]
