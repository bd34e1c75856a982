"""Any process may be killed at any moment: finished trials and their metrics stay, and the number of trials is exact."""

import json
from typing import Any

import pytest

from tests.stack import Stack

TRIALS = 5


def outcome(snapshot: dict[str, Any]) -> list[tuple[int, str, dict[str, Any], float]]:
    return [(trial["number"], trial["state"], trial["params"], trial["value"]) for trial in snapshot["trials"]]


def check_whole(stack: Stack, sweep: str, snapshot: dict[str, Any]) -> None:
    """The exact number of trials, one finished attempt each, and every metric that the runner wrote down."""
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    assert [trial["number"] for trial in snapshot["trials"]] == list(range(TRIALS))
    # The demo's pruner is on, so some may be pruned: that is an end too.
    assert {trial["state"] for trial in snapshot["trials"]} <= {"complete", "pruned"}
    assert snapshot["sweep"]["counted"] == TRIALS
    finished = "select count(*) from sweeps_attempt a join sweeps_trial t on a.trial_id = t.id join sweeps_sweep s on t.sweep_id = s.id where s.public_id = ? and a.state in ('complete', 'pruned')"
    assert stack.query(finished, sweep) == [(TRIALS,)]

    journal = stack.events(sweep)
    written = runner_journal(stack, sweep)
    assert [event for event in journal if event["type"] == "metrics"] == [
        event for event in written if event["type"] == "metrics"
    ]
    # The page's curves are those of each trial's last attempt, point for point.
    logged = [event for event in journal if event["type"] == "metrics"]
    for number, curves in snapshot["curves"].items():
        attempt = max(event["attempt"] for event in logged if event["number"] == int(number))
        its_own = [event for event in logged if (event["number"], event["attempt"]) == (int(number), attempt)]
        for name in ("loss", "eval_accuracy"):
            told = [event["values"][name] for event in its_own if name in event["values"]]
            assert curves[name]["value"] == told


def runner_journal(stack: Stack, sweep: str) -> list[dict[str, Any]]:
    """What the runner wrote on its own disk, job by job."""
    jobs = stack.query(
        "select j.public_id from sweeps_job j join sweeps_sweep s on j.sweep_id = s.id where s.public_id = ? order by j.id",
        sweep,
    )
    events = []
    for (job,) in jobs:
        # A finished job's journal is kept for people who look for a fault.
        file = stack.data / "runner" / "finished" / job / "journal.jsonl"
        stack.wait(file.exists, 10, f"{file} is not there")
        events += [json.loads(line)["event"] for line in file.read_text().splitlines()]
    return events


@pytest.mark.full
def test_a_killed_server_loses_nothing(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(sweep, finished=1)
    stack.kill_server()
    # Training goes on meanwhile: the runner keeps what it has to tell.
    stack.start_server()
    check_whole(stack, sweep, stack.wait_finished(sweep))


@pytest.mark.full
def test_a_killed_child_changes_no_parameter_and_no_value(stack: Stack) -> None:
    undisturbed = stack.wait_finished(stack.sweep("images", n_trials=TRIALS, seed=7))
    sweep = stack.sweep("images", n_trials=TRIALS, seed=7)
    stack.wait_trials(sweep, finished=2)
    stack.kill_child(sweep)
    snapshot = stack.wait_finished(sweep)
    check_whole(stack, sweep, snapshot)
    assert outcome(snapshot) == outcome(undisturbed)
    lost = "select count(*) from sweeps_attempt a join sweeps_trial t on a.trial_id = t.id join sweeps_sweep s on t.sweep_id = s.id where s.public_id = ? and a.state = 'lost'"
    assert stack.query(lost, sweep) == [(1,)]


@pytest.mark.full
def test_a_killed_runner_takes_the_sweep_up_again(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=TRIALS)
    stack.wait_trials(sweep, finished=1)
    stack.kill_runner()
    stack.start_runner()
    check_whole(stack, sweep, stack.wait_finished(sweep))
