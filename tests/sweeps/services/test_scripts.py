"""A person's own script: its sweep opened, joined, fed with trials, told of, left."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runners.protocol.backends import WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.script import ScriptObjective, ScriptSpec
from runners.protocol.spec import Budget
from sweeps.models import Job, MetricChunk, Sweep, Trial
from sweeps.queries.snapshot import snapshot
from sweeps.services import scripts
from sweeps.services.control import cancel_sweep, stop_sweep
from sweeps.services.reap import reap
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import online_runner


def open_sweep(cast: Cast, n_trials: int | None = None) -> Sweep:
    spec = ScriptSpec(
        client="wandb",
        names=("lr",),
        objectives=(ScriptObjective(metric="val/loss", direction="minimize"),),
        backend=WandbBackend(),
        budget=Budget(n_trials=n_trials or scripts.OPEN_ENDED),
        open_ended=n_trials is None,
    )
    return scripts.open_script_sweep(team=cast.team, user=cast.alice, name="My script", spec=spec)


def propose(_sweep: Sweep, number: int) -> dict[str, Scalar] | None:
    return {"lr": 0.1 * (number + 1)} if number < 4 else None


def next_trial(job: Job) -> Trial:
    trial = scripts.next_trial(job=job, propose=propose)
    assert trial is not None
    return trial


def train(job: Job, value: float, state: str = "complete", **ending: Any) -> Trial:
    trial = next_trial(job)
    scripts.begin(job=job, trial=trial)
    scripts.report(job=job, trial=trial, step=1, values={"val/loss": value}, objective=value)
    scripts.finish(job=job, trial=trial, state=state, values=[value] if state == "complete" else [], **ending)
    return trial


def test_trials_of_a_script_are_on_its_page_like_any_other(cast: Cast, client: Client) -> None:
    sweep = open_sweep(cast, n_trials=3)
    job = scripts.join(sweep=sweep, host="laptop", program="train.py")
    train(job, 0.5)
    train(job, 0.25)
    train(job, 9.0, "fail", message="The script ended with exit code 1.")
    with pytest.raises(scripts.Ended):
        scripts.next_trial(job=job, propose=propose)
    scripts.close(job=job)
    shown = snapshot(sweep)
    assert [(row["number"], row["state"], row["value"]) for row in shown["trials"]] == [
        (0, "complete", 0.5),
        (1, "complete", 0.25),
        (2, "fail", None),
    ]
    assert shown["trials"][1]["params"] == {"lr": 0.2}
    assert shown["sweep"]["state"] == "complete"
    assert shown["sweep"]["best"] == {"number": 1, "value": 0.25, "params": {"lr": 0.2}}
    assert shown["curves"]["0"]["val/loss"]["value"] == [0.5]
    client.force_login(cast.vera)
    page = client.get(f"/sweeps/{sweep.public_id}/").content.decode()
    for text in ("laptop", "train.py", "val/loss", "through the wandb client"):
        assert text in page
    assert client.get(f"/sweeps/{sweep.public_id}/python/").status_code == 404
    client.force_login(cast.bob)
    assert client.post(f"/sweeps/{sweep.public_id}/clone/", follow=True).status_code == 200
    assert Sweep.objects.count() == 1
    assert client.get("/sweeps/").status_code == 200


def test_no_runner_is_offered_a_scripts_sweep(cast: Cast) -> None:
    sweep = open_sweep(cast)
    online_runner()
    assert schedule() == []
    assert snapshot(sweep)["sweep"]["waiting_reason"] == "Waits for its script: trials begin when it connects again."


def test_asking_again_gives_the_same_trial_until_it_begins(cast: Cast) -> None:
    job = scripts.join(sweep=open_sweep(cast), host="laptop")
    first = next_trial(job)
    assert next_trial(job) == first
    scripts.begin(job=job, trial=first)
    scripts.begin(job=job, trial=first)
    assert next_trial(job).number == 1
    scripts.finish(job=job, trial=first, state="complete", values=[1.0])
    scripts.finish(job=job, trial=first, state="fail", message="late")
    first.refresh_from_db()
    assert (first.state, first.values) == ("complete", [1.0])
    scripts.report(job=job, trial=first, step=9, values={"x": 1.0})
    assert not MetricChunk.objects.exists()


def test_an_open_ended_sweep_has_as_many_trials_as_were_asked_for_and_goes_on_when_joined_again(cast: Cast) -> None:
    sweep = open_sweep(cast)
    job = scripts.join(sweep=sweep, host="laptop")
    train(job, 0.5)
    train(job, 0.4)
    next_trial(job)  # handed out, never begun
    scripts.close(job=job)
    sweep.refresh_from_db()
    assert (sweep.state, sweep.n_trials, sweep.trials.count()) == ("complete", 2, 2)
    again = scripts.join(sweep=sweep, host="laptop")
    assert train(again, 0.3).number == 2
    train(again, 0.2)
    with pytest.raises(scripts.Ended, match="Every point"):
        scripts.next_trial(job=again, propose=propose)
    scripts.close(job=again)
    sweep.refresh_from_db()
    assert (sweep.state, sweep.n_trials, sweep.counted()) == ("complete", 4, 4)


def test_a_silent_script_loses_its_trial_which_another_process_gets_again(cast: Cast) -> None:
    sweep = open_sweep(cast, n_trials=2)
    job = scripts.join(sweep=sweep, host="laptop")
    trial = next_trial(job)
    scripts.begin(job=job, trial=trial)
    reap(now=timezone.now() + timedelta(seconds=scripts.SILENCE_S + 5))
    job.refresh_from_db()
    sweep.refresh_from_db()
    trial.refresh_from_db()
    assert (job.state, sweep.state, trial.state, trial.params) == ("lost", "queued", "waiting", {"lr": 0.1})
    other = scripts.join(sweep=sweep, host="desktop")
    again = next_trial(other)
    assert (again.number, again.params, again.granted_attempt) == (0, {"lr": 0.1}, 2)


def test_an_end_that_was_told_counts_once_nothing_withdraws_it(cast: Cast) -> None:
    job = scripts.join(sweep=open_sweep(cast), host="laptop")
    trial = next_trial(job)
    scripts.begin(job=job, trial=trial)
    scripts.tell_outcome(job=job, trial=trial, state="complete", values=[2.0], metrics={"acc": 0.5})
    scripts.withdraw_outcome(job=job)
    assert not scripts.settle_outcome(job=job)
    scripts.tell_outcome(job=job, trial=trial, state="complete", values=[1.0])
    reap()
    scripts.hold_outcome(job=job)
    trial.refresh_from_db()
    assert trial.state == "running"
    assert scripts.settle_outcome(job=job)
    trial.refresh_from_db()
    assert (trial.state, trial.values) == ("complete", [1.0])


def test_a_silent_script_whose_last_trial_had_ended_is_done(cast: Cast) -> None:
    sweep = open_sweep(cast)
    job = scripts.join(sweep=sweep, host="laptop")
    trial = next_trial(job)
    scripts.begin(job=job, trial=trial)
    scripts.tell_outcome(job=job, trial=trial, state="complete", values=[1.0])
    reap(now=timezone.now() + timedelta(seconds=scripts.SILENCE_S + 5))
    job.refresh_from_db()
    sweep.refresh_from_db()
    assert (job.state, sweep.state, sweep.best_trial) == ("done", "complete", trial)


def test_stop_lets_the_trial_finish_and_cancel_ends_it(cast: Cast) -> None:
    sweep = open_sweep(cast)
    job = scripts.join(sweep=sweep, host="laptop")
    trial = next_trial(job)
    scripts.begin(job=job, trial=trial)
    stop_sweep(sweep=sweep, user=cast.alice)
    assert scripts.touch(job) == "stop"
    with pytest.raises(scripts.Ended):
        scripts.next_trial(job=job, propose=propose, holding=[0])
    cancel_sweep(sweep=sweep, user=cast.alice)
    assert scripts.touch(job) == "cancel"
    with pytest.raises(scripts.Ended, match="cancelled"):
        scripts.join(sweep=sweep, host="laptop")
