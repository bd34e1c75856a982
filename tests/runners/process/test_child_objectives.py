"""Several objectives, the best of a trial, sums, and an early end: through a real child."""

from pathlib import Path
from typing import Any

import pytest

from sweeps.queries.script.sweep import sweep_script
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.small_supervisor import SmallSupervisor
from tests.runners.process.test_scripts import compare, lay_out, run_script

LOSS = {"metric": "eval_loss", "direction": "minimize"}
ACCURACY = {"metric": "eval_accuracy", "direction": "maximize"}
ARGUMENTS = {**IMAGES["arguments"], "num_train_epochs": 2}


def done(tmp_path: Path, n_trials: int, **changes: Any) -> SmallSupervisor:
    spec, files = sweep(IMAGES, 200, n_trials=n_trials, **{"arguments": ARGUMENTS, **changes})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(n_trials)
    assert supervisor.failed is None, supervisor.failed
    return supervisor


def test_two_objectives_have_two_values_and_no_reports(tmp_path: Path) -> None:
    supervisor = done(
        tmp_path, 3, objectives=[LOSS, ACCURACY], backend={"name": "optuna", "sampler": {"name": "nsgaii"}}
    )
    for event in supervisor.of_type("trial_finished"):
        assert event["values"] == [event["metrics"]["eval_loss"], event["metrics"]["eval_accuracy"]]
    assert supervisor.of_type("reported") == []


def test_two_objectives_equal_their_script(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 200, n_trials=3, objectives=[LOSS, ACCURACY], arguments=ARGUMENTS)
    assert [len(line["values"]) for line in compare(spec, files, tmp_path)] == [2, 2, 2]


def test_the_best_evaluation_of_a_trial_is_its_value(tmp_path: Path) -> None:
    rate = {"type": "float", "name": "learning_rate", "low": 5e-2, "high": 2e-1, "log": True}
    arguments = {**ARGUMENTS, "num_train_epochs": 4}
    spec, files = sweep(
        IMAGES,
        200,
        n_trials=3,
        objectives=[{**LOSS, "over": "best"}],
        space={"parameters": [rate]},
        arguments=arguments,
        # It prunes nothing, but the script then reports too.
        backend={"name": "optuna", "pruner": {"name": "threshold", "options": {"upper": 1e9}}},
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(3)
    assert supervisor.failed is None, supervisor.failed
    improved = 0
    for event in supervisor.of_type("trial_finished"):
        seen = [
            line["values"]["eval_loss"]
            for line in supervisor.of_type("metrics")
            if line["number"] == event["number"] and "eval_loss" in line["values"]
        ]
        assert event["values"] == [min(seen)]
        told = [line["value"] for line in supervisor.of_type("reported") if line["number"] == event["number"]]
        # A pruner sees each evaluation as it is.
        assert told == seen
        improved += min(seen) < seen[-1]
    assert improved, "no trial had a better evaluation than its last: the test shows nothing"
    folder = tmp_path / "script"
    lay_out(supervisor, folder)
    printed = run_script(folder, sweep_script(spec, name="the best of each", versions={}))
    assert [line["values"] for line in printed] == [values for _, _, values in supervisor.table()]


def test_sums_and_the_default_of_transformers(tmp_path: Path) -> None:
    weights = {"eval_accuracy": 2.0, "eval_loss": -0.5}
    summed = {"metric": "weighted_sum", "direction": "maximize", "weights": weights}
    for number, objective in enumerate((summed, {"metric": "transformers_default", "direction": "maximize"})):
        (event,) = done(tmp_path / str(number), 1, objectives=[objective]).of_type("trial_finished")
        metrics = event["metrics"]
        names = ("accuracy", "balanced_accuracy", "f1_macro", "f1_weighted", "precision_macro", "mcc")
        everything = sum(metrics[f"eval_{name}"] for name in names)
        wanted = (2 * metrics["eval_accuracy"] - 0.5 * metrics["eval_loss"], everything)[number]
        assert event["values"] == [pytest.approx(wanted, rel=1e-12)]


def test_a_search_without_improvement_ends_early(tmp_path: Path) -> None:
    options = {"min_n_trials": 3, "max_stagnation_trials": 2}
    backend = {"name": "optuna", "terminator": {"name": "stagnation", "options": options}}
    rate = {"type": "float", "name": "learning_rate", "low": 1e-9, "high": 1e-8, "log": True}
    arguments = {**ARGUMENTS, "max_steps": 1, "eval_strategy": "no"}
    supervisor = done(tmp_path, 12, backend=backend, space={"parameters": [rate]}, arguments=arguments)
    n = len(supervisor.of_type("trial_finished"))
    assert 3 <= n < 12
    assert supervisor.search_ended == f"No more improvement is in sight after {n} complete trials."
    folder = tmp_path / "script"
    lay_out(supervisor, folder)
    printed = run_script(folder, sweep_script(supervisor.spec, name="ends early", versions={}))
    assert [line["values"] for line in printed] == [values for _, _, values in supervisor.table()]
