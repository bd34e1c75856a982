"""Trials that people make, repeat, stop and take away."""

from typing import Any

import pytest

from sweeps.models import Sweep, SweepAct, Trial
from sweeps.services.added_trials import change_trial, enqueue_trial, retry_trial
from sweeps.services.control import NotNow, stop_sweep
from sweeps.services.trial_orders import prune_trial, remove_trial, stop_trial
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.services.test_pausing import next_job
from tests.sweeps.talk import online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db

BATCH = {
    "parameters": [
        {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True},
        {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16]},
        {
            "type": "int",
            "name": "warmup_steps",
            "low": 0,
            "high": 100,
            "step": 10,
            "when": {"name": "per_device_train_batch_size", "values": [16]},
        },
    ]
}


def trial(number: int) -> Trial:
    return Trial.objects.get(number=number)


def test_a_hand_made_trial_takes_a_place_and_is_granted_before_new_ones(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits()
    talk.send(talk.started(0))
    added = enqueue_trial(sweep=talk.sweep, user=cast.bob, params={"learning_rate": 0.002})
    assert (added.trial.number, added.grew, added.trial.origin, added.trial.made_by) == (1, False, "enqueued", cast.bob)
    (permit,) = talk.permits(0).permits
    assert (permit.number, permit.params) == (1, {"learning_rate": 0.002})
    talk.send(talk.finished(0), *talk.whole_trial(1))
    added = enqueue_trial(sweep=talk.sweep, user=cast.bob, params={"learning_rate": 0.003})
    assert (added.trial.number, added.grew, talk.sweep.n_trials) == (2, True, 3)
    talk.permits()
    talk.send(*talk.whole_trial(2), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 3)


@pytest.mark.parametrize(
    ("params", "path", "message"),
    [
        ({}, "params.learning_rate", "Give learning_rate a value: a number from 1e-05 to 0.01."),
        ({"learning_rate": 1}, "params.learning_rate", "learning_rate must be a number from 1e-05 to 0.01, not 1."),
        ({"learning_rate": "0.001"}, "params.learning_rate", "must be a number"),
        ({"per_device_train_batch_size": 32}, "params.per_device_train_batch_size", "must be one of 8, 16, not 32."),
        ({"seed": 1}, "params.seed", "seed is no parameter of this space: leave it out."),
        ({"warmup_steps": 10}, "params.warmup_steps", "acts only where per_device_train_batch_size is 16: leave it"),
        (
            {"per_device_train_batch_size": 16, "warmup_steps": 5},
            "params.warmup_steps",
            "warmup_steps goes up from 0 in steps of 10, which 5 is not one of.",
        ),
        ({"per_device_train_batch_size": 16}, "params.warmup_steps", "Give warmup_steps a value: a whole number from"),
    ],
)
def test_what_is_outside_of_the_space_is_refused(cast: Cast, params: dict[str, Any], path: str, message: str) -> None:
    sweep = queued_sweep(cast.team, space=BATCH)
    whole = {"learning_rate": 0.001, "per_device_train_batch_size": 8} | params if params else {}
    with pytest.raises(Invalid) as refused:
        enqueue_trial(sweep=sweep, user=cast.bob, params=whole)
    assert any(message in text for text in refused.value.fields()[path])
    assert not Trial.objects.exists()


def test_the_queue_is_changed_and_a_place_that_was_made_goes_with_its_trial(cast: Cast) -> None:
    sweep = queued_sweep(cast.team, n_trials=1)
    enqueue_trial(sweep=sweep, user=cast.bob, params={"learning_rate": 0.002})
    enqueue_trial(sweep=sweep, user=cast.bob, params={"learning_rate": 0.003})
    change_trial(trial=trial(0), user=cast.bob, params={"learning_rate": 0.004})
    assert trial(0).params == {"learning_rate": 0.004}
    remove_trial(trial=trial(0), user=cast.bob)
    sweep.refresh_from_db()
    assert (trial(0).state, sweep.n_trials) == ("cancelled", 2), "its place is drawn anew"
    remove_trial(trial=trial(1), user=cast.bob)
    sweep.refresh_from_db()
    assert (trial(1).state, sweep.n_trials) == ("cancelled", 1)
    with pytest.raises(NotNow, match="does not wait"):
        remove_trial(trial=trial(1), user=cast.bob)
    online_runner()
    talk = next_job(sweep)
    (permit,) = talk.permits(count=5).permits
    assert (permit.number, permit.params) == (2, None)
    with pytest.raises(NotNow, match="was drawn by the search"):
        change_trial(trial=trial(2), user=cast.bob, params={"learning_rate": 0.004})


def test_a_trial_that_a_runner_has_taken_is_removed_and_told_to_end(cast: Cast) -> None:
    sweep = queued_sweep(cast.team, n_trials=1)
    enqueue_trial(sweep=sweep, user=cast.bob, params={"learning_rate": 0.002})
    online_runner()
    talk = next_job(sweep)
    talk.permits()
    with pytest.raises(NotNow, match="has taken"):
        change_trial(trial=trial(0), user=cast.bob, params={"learning_rate": 0.004})
    remove_trial(trial=trial(0), user=cast.bob)
    (order,) = talk.send(talk.started(0)).orders
    assert (order.number, order.act) == (0, "prune")
    assert talk.send(talk.finished(0, None, state="pruned", stopped=True)).orders == ()
    assert (trial(0).state, trial(0).granted_to, talk.sweep.counted()) == ("cancelled", None, 0)
    assert [permit.number for permit in talk.permits().permits] == [1]


def test_a_running_trial_is_stopped_with_its_value_or_pruned(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0), talk.started(1))
    stop_trial(trial=trial(0), user=cast.bob)
    stop_trial(trial=trial(0), user=cast.bob)
    prune_trial(trial=trial(1), user=cast.bob)
    assert [(order.number, order.act) for order in talk.send().orders] == [(0, "stop"), (1, "prune")]
    answer = talk.send(talk.finished(0, 0.25, stopped=True), talk.finished(1, None, state="pruned", stopped=True))
    assert answer.orders == ()
    assert [(found.state, found.stopped, found.order) for found in Trial.objects.all()] == [
        ("complete", True, ""),
        ("pruned", True, ""),
    ]
    assert list(SweepAct.objects.filter(user=cast.bob).values_list("verb", flat=True)) == ["trial stop", "trial prune"]
    with pytest.raises(NotNow, match="has ended"):
        stop_trial(trial=trial(0), user=cast.bob)


def test_an_order_outlives_the_attempt_that_did_not_hear_it(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1)
    talk.permits()
    talk.send(talk.started(0))
    prune_trial(trial=trial(0), user=cast.bob)
    talk.send(talk.event("child_lost", child="0", exit_code=-9, running=[[0, 1]], message="killed"))
    talk.permits()
    (order,) = talk.send(talk.started(0, attempt=2)).orders
    assert (order.attempt, order.act) == (2, "prune")


def test_a_retry_is_a_new_trial_with_the_same_values(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0, lr=0.005), talk.failed(0), *talk.whole_trial(1), talk.ended())
    assert talk.sweep.state == "complete"
    added = retry_trial(trial=trial(0), user=cast.bob)
    assert (added.trial.number, added.trial.params, added.trial.retry_of) == (2, {"learning_rate": 0.005}, trial(0))
    assert (talk.sweep.state, talk.sweep.n_trials, talk.sweep.finished_at) == ("queued", 3, None)
    later = next_job(talk.sweep)
    assert later.permits(count=4).permits[0].params == {"learning_rate": 0.005}
    later.send(*later.whole_trial(2), later.ended())
    assert (talk.sweep.state, talk.sweep.counted(), trial(0).state) == ("complete", 3, "fail")


def test_a_retry_may_change_values_and_what_they_condition(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1, space=BATCH)
    talk.permits()
    params = {"learning_rate": 0.001, "per_device_train_batch_size": 16, "warmup_steps": 20}
    talk.send(talk.started(0, params=params), talk.failed(0, code="oom"), talk.ended())
    added = retry_trial(trial=trial(0), user=cast.bob, changes={"per_device_train_batch_size": 8})
    assert added.trial.params == {"learning_rate": 0.001, "per_device_train_batch_size": 8}


def test_a_stopped_sweep_goes_on_with_the_retried_trial_only(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=9)
    talk.permits()
    talk.send(*talk.whole_trial(0))
    stop_sweep(sweep=talk.sweep, user=cast.bob)
    with pytest.raises(NotNow, match="being stopped"):
        retry_trial(trial=trial(0), user=cast.bob)
    talk.send(talk.ended())
    retry_trial(trial=trial(0), user=cast.bob)
    assert (talk.sweep.state, talk.sweep.n_trials) == ("queued", 2)


def test_what_a_script_trains_can_be_repeated_and_not_ordered(cast: Cast) -> None:
    sweep = queued_sweep(cast.team, source="script", client="wandb", names=["lr"], backend={"name": "optuna"})
    Trial.objects.create(sweep=sweep, number=0, state="running", params={"lr": 1})
    with pytest.raises(NotNow, match="own script"):
        stop_trial(trial=trial(0), user=cast.bob)
    Trial.objects.update(state="fail")
    assert Sweep.objects.get().n_trials == 4
    spec = {**(sweep.spec or {}), "space": {}, "objectives": [{"metric": "x", "direction": "minimize"}]}
    Sweep.objects.update(spec={key: value for key, value in spec.items() if key not in _TRAINING})
    assert retry_trial(trial=trial(0), user=cast.bob).trial.params == {"lr": 1}
    with pytest.raises(NotNow, match="no search space"):
        enqueue_trial(sweep=sweep, user=cast.bob, params={"lr": 1})


_TRAINING = {"task", "model", "processor", "data"}
