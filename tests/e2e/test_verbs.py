"""What people do to sweeps and trials while a real runner trains them."""

from typing import Any

import pytest

from tests.stack import Stack

LONG = {"num_train_epochs": 60.0}


def post(stack: Stack, path: str, **body: Any) -> Any:
    answer = stack.client().post(f"/api/v1/sweeps/{path}", json=body)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def trial(stack: Stack, sweep: str, number: int) -> dict[str, Any]:
    """The trial's row; without a state before it has begun."""
    unborn = {"state": ""}
    return next((row for row in stack.snapshot(sweep)["trials"] if row["number"] == number), unborn)


def wait_for_evaluation(stack: Stack, sweep: str, number: int) -> None:
    stack.wait(lambda: trial(stack, sweep, number).get("intermediate"), 60, f"trial {number} evaluates nothing")


def wait_for_state(stack: Stack, sweep: str, state: str) -> None:
    stack.wait(lambda: stack.snapshot(sweep)["sweep"]["state"] == state, 60, f"the sweep is never {state}")


def test_a_sweep_pauses_goes_on_and_is_extended_by_a_trial_of_ones_own(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=3)
    stack.wait_trials(sweep, finished=1)
    post(stack, f"{sweep}/pause/")
    wait_for_state(stack, sweep, "paused")
    paused = stack.snapshot(sweep)
    assert paused["sweep"]["counted"] < 3
    assert {row["state"] for row in paused["trials"]} == {"complete"}
    assert stack.query("select count(*) from sweeps_job where state in ('offered', 'running')") == [(0,)]
    post(stack, f"{sweep}/resume/")
    whole = stack.wait_finished(sweep)
    assert (whole["sweep"]["state"], whole["sweep"]["counted"]) == ("complete", 3)
    assert whole["trials"][: paused["sweep"]["counted"]] == paused["trials"]
    params = whole["trials"][0]["params"]
    post(stack, f"{sweep}/trials/", params=params)
    more = stack.wait_finished(sweep)
    assert (more["sweep"]["state"], more["sweep"]["counted"]) == ("complete", 4)
    # The same parameters and seed: the same value.
    assert (more["trials"][3]["params"], more["trials"][3]["value"]) == (params, whole["trials"][0]["value"])


@pytest.mark.full
def test_running_trials_stop_are_pruned_and_leave_at_a_checkpoint(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=3, arguments=LONG, spec={"checkpoints": {"every": "evaluation"}})
    wait_for_evaluation(stack, sweep, 0)
    post(stack, f"{sweep}/trials/0/stop/")
    stack.wait(lambda: trial(stack, sweep, 0)["state"] == "complete", 60, "trial 0 does not stop")
    assert trial(stack, sweep, 0)["value"] is not None
    wait_for_evaluation(stack, sweep, 1)
    post(stack, f"{sweep}/trials/1/prune/")
    stack.wait(lambda: trial(stack, sweep, 1)["state"] == "pruned", 60, "trial 1 is not pruned")
    wait_for_evaluation(stack, sweep, 2)
    post(stack, f"{sweep}/pause/", checkpoint=True)
    wait_for_state(stack, sweep, "paused")
    assert trial(stack, sweep, 2)["state"] == "waiting"
    post(stack, f"{sweep}/resume/")
    stack.wait(lambda: trial(stack, sweep, 2)["state"] == "running", 60, "trial 2 does not go on")
    post(stack, f"{sweep}/trials/2/stop/")
    whole = stack.wait_finished(sweep)
    assert (whole["sweep"]["state"], whole["sweep"]["counted"]) == ("complete", 3)
    attempts = stack.query(
        "select a.state, a.resumed_from, a.resumed_step from sweeps_attempt a join sweeps_trial t on a.trial_id = t.id "
        "join sweeps_sweep s on t.sweep_id = s.id where s.public_id = ? and t.number = 2 order by a.[index]",
        sweep,
    )
    assert attempts[0] == ("lost", None, None)
    assert attempts[1][:2] == ("complete", 1)
    assert attempts[1][2] > 0


@pytest.mark.full
def test_the_space_of_a_running_sweep_is_narrowed(stack: Stack) -> None:
    sweep = stack.sweep("images", n_trials=6)
    stack.wait_trials(sweep, finished=1)
    post(stack, f"{sweep}/amend/", parameters={"learning_rate": {"low": 1e-3, "high": 2e-3}})
    whole = stack.wait_finished(sweep)
    assert (whole["sweep"]["state"], whole["sweep"]["counted"]) == ("complete", 6)
    rows = stack.query(
        "select t.space_version, json_extract(t.params, '$.learning_rate') from sweeps_trial t "
        "join sweeps_sweep s on t.sweep_id = s.id where s.public_id = ? order by t.number",
        sweep,
    )
    assert {version for version, _ in rows} == {1, 2}
    assert all(1e-3 <= rate <= 2e-3 for version, rate in rows if version == 2)
