"""Sweeps of different kinds one after another leave no process, no temporary file and no job's folder behind."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.leaks import KINDS, failed_and_pruned, optuna, rested, wandb
from tests.stack import Stack
from tests.stack.left import strangers


def leave_nothing(stack: Stack, kinds: tuple[Callable[[Stack], None], ...]) -> None:
    optuna(stack)  # the first sweep over its data brings what stays: the data, a warm fork server
    before = rested(stack)
    for kind in kinds:
        kind(stack)
    after = rested(stack)
    assert after.processes == before.processes
    assert set(after.files) <= set(before.files)
    assert strangers(stack) == []
    # One more or less is a connection that httpx keeps open.
    assert after.open_files <= before.open_files + 2
    assert after.threads <= before.threads + 1
    assert after.resident <= before.resident * 1.1


@pytest.mark.full
@pytest.mark.timeout(600)
def test_sweeps_leave_nothing_behind(stack: Stack) -> None:
    leave_nothing(stack, (wandb, failed_and_pruned))


@pytest.mark.full
@pytest.mark.timeout(900)
def test_sweeps_of_every_kind_leave_nothing_behind(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "stack")
    stack.runner_env["HPWEB_RUNNER_SLOTS"] = "2"
    try:
        stack.prepare()
        stack.start()
        leave_nothing(stack, KINDS)
    finally:
        stack.stop()
