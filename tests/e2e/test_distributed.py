"""Trials of two processes in the whole program: whatever befalls a rank, the sweep ends with its number of trials."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.stack import Stack

pytestmark = pytest.mark.full

TRIALS = 2
LONG = {"num_train_epochs": 15}
"""Long enough to be caught in the middle, also on a busy machine."""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """With a runner that has room for two processes and little patience."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    stack.runner_env = {"HPWEB_RUNNER_SLOTS": "2", "HPWEB_RUNNER_STALL_S": "10"}
    try:
        stack.prepare()
        stack.start()
        yield stack
    finally:
        stack.stop()


def two(stack: Stack, **changes: Any) -> str:
    return stack.sweep("images", spec={"processes": 2}, pruner={"name": "none"}, **changes)


def ranks(stack: Stack, sweep: str) -> list[psutil.Process]:
    """The two processes that train, the first rank first."""
    found = sorted(psutil.Process(stack.child(sweep)).children(), key=lambda process: process.pid)
    assert len(found) == 2
    return found


def states(snapshot: dict[str, Any]) -> list[str]:
    return [trial["state"] for trial in snapshot["trials"]]


@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_rank_costs_an_attempt_and_no_trial(rank: int, stack: Stack) -> None:
    sweep = two(stack, n_trials=TRIALS, arguments=LONG)
    stack.wait_trials(sweep, finished=0)
    ranks(stack, sweep)[rank].kill()
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    assert states(snapshot) == ["complete"] * TRIALS
    lost = [event for event in stack.events(sweep) if event["type"] == "child_lost"]
    (message,) = (event["message"] for event in lost)
    assert f"Process {rank} of 2 was killed (SIGKILL)." in message
    again = [event["attempt"] for event in stack.events(sweep) if event["type"] == "trial_started"]
    assert sorted(again) == [1] * TRIALS + [2]


def test_a_rank_that_stands_still_is_a_failed_trial_and_the_next_one_runs(stack: Stack) -> None:
    sweep = two(stack, n_trials=TRIALS, arguments=LONG)
    stack.wait_trials(sweep, finished=0)
    ranks(stack, sweep)[1].send_signal(signal.SIGSTOP)
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete"
    assert sorted(states(snapshot)) == ["complete"] * (TRIALS - 1) + ["fail"]
    (failed,) = (event for event in stack.events(sweep) if event.get("state") == "fail")
    assert failed["failure_message"].startswith("No progress for 10 s")
    assert "process 1 of 2 in no place that it could tell" in failed["failure_message"]


def test_a_stopped_sweep_finishes_its_trial(stack: Stack) -> None:
    sweep = two(stack, n_trials=50, arguments=LONG)
    stack.wait_trials(sweep, finished=0)
    family = ranks(stack, sweep)
    assert stack.client().post(f"/api/v1/sweeps/{sweep}/stop/").status_code == 200
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete"
    assert set(states(snapshot)) == {"complete"}
    assert 1 <= len(snapshot["trials"]) < 50
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_a_sweep_out_of_time_finishes_its_trial(stack: Stack) -> None:
    stack.wait_finished(two(stack, n_trials=1))  # a runner that has just started would need the time for itself
    sweep = two(stack, n_trials=200, timeout_s=6.0)
    snapshot = stack.wait_finished(sweep, 240)
    assert snapshot["sweep"]["state"] == "complete"
    assert set(states(snapshot)) == {"complete"}
    assert 1 <= len(snapshot["trials"]) < 200


def test_a_cancelled_sweep_ends_its_ranks(stack: Stack) -> None:
    sweep = two(stack, n_trials=50, arguments={"num_train_epochs": 500})
    stack.wait_trials(sweep, finished=0)
    family = ranks(stack, sweep)
    began = time.monotonic()
    assert stack.client().post(f"/api/v1/sweeps/{sweep}/cancel/").status_code == 200
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert time.monotonic() - began < 10
    assert stack.wait_finished(sweep)["sweep"]["state"] == "cancelled"
