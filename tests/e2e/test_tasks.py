"""Every task and backend over the whole program: package data, a preset's model, a real runner."""

import json
from typing import Any

import pytest

from sweeps.services.datasets.packages import PACKAGES
from tests.stack import Stack


def finished(stack: Stack, key: str, **changes: Any) -> dict[str, Any]:
    sweep = str(stack.run("tests.stack.make_task_sweep", key, json.dumps(changes)))
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    return snapshot


@pytest.mark.full
@pytest.mark.parametrize("key", PACKAGES)
def test_a_task_runs_from_package_data_to_its_best_trial(stack: Stack, key: str) -> None:
    snapshot = finished(stack, key)
    assert [trial["state"] for trial in snapshot["trials"]] == ["complete", "complete"]
    assert snapshot["sweep"]["best"]["value"] in [trial["value"] for trial in snapshot["trials"]]


@pytest.mark.full
def test_a_ray_sweep_runs_over_the_whole_program(stack: Stack) -> None:
    backend = {"name": "ray", "search": {"name": "random"}}
    snapshot = finished(stack, "digits", backend=backend, children=2, budget={"n_trials": 3})
    assert snapshot["sweep"]["counts"]["complete"] == 3
    assert [trial["number"] for trial in snapshot["trials"]] == [0, 1, 2]
    assert snapshot["sweep"]["model"]["number"] == snapshot["sweep"]["best"]["number"]


@pytest.mark.full
def test_two_objectives_have_a_pareto_set(stack: Stack) -> None:
    objectives = [
        {"metric": "eval_accuracy", "direction": "maximize"},
        {"metric": "eval_loss", "direction": "minimize"},
    ]
    snapshot = finished(stack, "digits", objectives=objectives, budget={"n_trials": 4})
    points = {trial["number"]: trial["values"] for trial in snapshot["trials"]}
    front = [
        number
        for number, (accuracy, loss) in points.items()
        if not any(a >= accuracy and b <= loss and (a, b) != (accuracy, loss) for a, b in points.values())
    ]
    assert snapshot["sweep"]["pareto"] == front
    assert snapshot["sweep"]["best"] is None


@pytest.mark.full
def test_a_grid_ends_with_its_points(stack: Stack) -> None:
    rows = [
        {"type": "categorical", "name": "learning_rate", "choices": [1e-3, 2e-3]},
        {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16]},
    ]
    backend = {"name": "optuna", "sampler": {"name": "grid"}}
    snapshot = finished(stack, "digits", backend=backend, space={"parameters": rows}, budget={"n_trials": 50})
    points = {(t["params"]["learning_rate"], t["params"]["per_device_train_batch_size"]) for t in snapshot["trials"]}
    assert len(snapshot["trials"]) == len(points) == 4
