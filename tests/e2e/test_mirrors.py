"""Real trials of every backend, mirrored, and read back beside what the server has of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runners.process.mirror import read
from tests.stack import Stack

SHORT = {"num_train_epochs": 1.0, "logging_steps": 5}
CASES: list[Any] = [
    {},
    pytest.param({"backend": {"name": "ray"}}, marks=pytest.mark.full),
    pytest.param({"backend": {"name": "wandb", "server": "hpweb"}}, marks=pytest.mark.full),
]


@pytest.fixture
def roomy(tmp_path: Path) -> Iterator[Stack]:
    """A program of its own, whose runner has room for trials of two processes."""
    stack = Stack(tmp_path / "stack")
    stack.runner_env["HPWEB_RUNNER_SLOTS"] = "2"
    try:
        stack.prepare()
        stack.start()
        yield stack
    finally:
        stack.stop()


def outcomes(snapshot: dict[str, Any]) -> list[tuple[Any, ...]]:
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    return [(trial["number"], trial["params"], trial["value"]) for trial in snapshot["trials"]]


def check(stack: Stack, spec: dict[str, Any]) -> None:
    """A mirrored sweep has the same values as a plain one, and an entry per trial with what the server has of it."""
    plain = stack.wait_finished(stack.sweep("images", n_trials=2, seed=3, arguments=SHORT, spec=spec))
    mirrored = {**spec, "report_to": ["tensorboard"]}
    sweep = stack.sweep("images", n_trials=2, seed=3, name="Mirrored", arguments=SHORT, spec=mirrored)
    snapshot = stack.wait_finished(sweep)
    assert outcomes(snapshot) == outcomes(plain)

    folder = stack.data / "runner" / "mirrors" / sweep / "tensorboard"
    stack.wait(lambda: len(read.ended(folder)) == 2, 30, "the mirror does not come to its end")
    entries = read.tensorboard(folder)
    assert sorted(entries) == ["Mirrored #0", "Mirrored #1"]
    for trial in snapshot["trials"]:
        entry, curves = entries[f"Mirrored #{trial['number']}"], snapshot["curves"][str(trial["number"])]
        assert entry.state == "complete"
        assert entry.value == pytest.approx(trial["value"])
        assert float(entry.params["learning_rate"]) == pytest.approx(trial["params"]["learning_rate"])
        assert entry.losses == pytest.approx(dict(zip(curves["loss"]["step"], curves["loss"]["value"], strict=True)))
    said = [event["text"] for event in stack.events(sweep) if event["type"] == "log"]
    assert any(f"tensorboard --logdir {folder}" in text for text in said)


@pytest.mark.parametrize("spec", CASES, ids=["optuna", "ray", "wandb"])
def test_a_mirror_changes_no_value_and_misses_none(stack: Stack, spec: dict[str, Any]) -> None:
    check(stack, spec)


@pytest.mark.full
def test_a_trial_of_two_processes_is_one_entry(roomy: Stack) -> None:
    check(roomy, {"processes": 2})
