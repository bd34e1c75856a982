"""Pause and resume: the runner is free, and nothing is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.protocol.states import Wanted
from sweeps.models import Attempt, Job, Sweep, SweepAct, Trial
from sweeps.services.control import NotNow, stop_sweep
from sweeps.services.pausing import pause_sweep, resume_sweep
from sweeps.services.schedule import schedule
from sweeps.services.scripts import Ended, join
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db


def next_job(sweep: Sweep) -> Talk:
    schedule()
    talk = Talk(Job.objects.select_related("runner").get(sweep=sweep, state="offered"))
    talk.claim()
    return talk


def test_running_trials_finish_and_then_the_sweep_rests(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    talk.permits(count=2)
    talk.send(talk.started(0))
    pause_sweep(sweep=talk.sweep, user=cast.bob)
    assert (talk.sweep.state, talk.sweep.wanted) == ("running", "pause")
    assert talk.permits(0, 1).state == "finished"
    answer = talk.send(talk.event("permit_returned", number=1, attempt=1))
    assert (answer.wanted, answer.orders) == (Wanted.PAUSE, ())
    talk.send(talk.finished(0), talk.ended("released"))
    assert (talk.sweep.state, talk.sweep.counted()) == ("paused", 1)
    assert schedule() == [], "a paused sweep is never scheduled"
    resume_sweep(sweep=talk.sweep, user=cast.alice)
    assert (talk.sweep.state, talk.sweep.wanted) == ("queued", "run")
    later = next_job(talk.sweep)
    assert [permit.number for permit in later.permits(count=9).permits] == [1, 2]
    later.send(*later.whole_trial(1), *later.whole_trial(2), later.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 3)
    verbs = list(SweepAct.objects.values_list("verb", "user__name"))
    assert ("pause", "Bob") in verbs
    assert ("resume", "Alice") in verbs


def test_a_checkpoint_frees_the_runner_at_once_and_the_trial_goes_on(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1)
    talk.permits()
    talk.send(
        talk.started(0),
        talk.metrics(0, 1, loss=1.0),
        talk.event("reported", number=0, attempt=1, step=100, epoch=0.2, value=0.25),
        talk.metrics(0, 2, eval_accuracy=0.25),
    )
    pause_sweep(sweep=talk.sweep, user=cast.bob, checkpoint=True)
    (order,) = talk.send().orders
    assert (order.number, order.attempt, order.act) == (0, 1, "checkpoint")
    answer = talk.send(
        talk.metrics(0, 3, loss=0.5),
        talk.event("checkpoint_saved", number=0, attempt=1, step=2, bytes=77),
        talk.event("attempt_left", number=0, attempt=1, step=2),
    )
    assert answer.orders == ()
    trial = Trial.objects.get()
    assert (trial.state, trial.order, trial.intermediate) == ("waiting", "", [])
    first = Attempt.objects.get()
    assert (first.state, first.failure_message) == ("lost", "Left at a checkpoint (step 2).")
    assert (first.checkpoint_step, first.checkpoint_bytes) == (2, 77)
    talk.send(talk.ended("released"))
    assert talk.sweep.state == "paused"
    resume_sweep(sweep=talk.sweep, user=cast.bob)
    later = next_job(talk.sweep)
    assert later.permits().permits[0].attempt == 2
    later.send(later.started(0, attempt=2, resumed_attempt=1, resumed_step=2, note="Goes on."))
    second = Attempt.objects.get(index=2)
    assert (second.resumed_from, second.resumed_step, second.note) == (1, 2, "Goes on.")
    (chunk,) = second.chunks.all()
    assert chunk.data["step"] == [1, 2], "what came after the checkpoint comes again"
    trial.refresh_from_db()
    assert (trial.state, trial.intermediate) == ("running", [[100, 0.2, 0.25]])
    assert trial.best == {"loss": 1.0, "eval_accuracy": 0.25}
    later.send(later.metrics(0, 3, attempt=2, loss=0.5), later.finished(0, 0.5, attempt=2), later.ended())
    (chunk,) = second.chunks.all()
    assert (chunk.data["step"], chunk.data["values"]["loss"]) == ([1, 2, 3], [1.0, None, 0.5])
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)


def test_news_that_come_late_are_in_the_curve_that_goes_on(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1)
    talk.permits()
    talk.send(talk.started(0), talk.metrics(0, 1, loss=1.0))
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    from sweeps.services.reap import reap

    reap()
    later = next_job(talk.sweep)
    later.permits()
    later.send(later.started(0, attempt=2, resumed_attempt=1, resumed_step=2), later.metrics(0, 3, attempt=2, loss=0.5))
    talk.send(
        talk.metrics(0, 2, loss=0.75, eval_accuracy=0.5),
        talk.event("reported", number=0, attempt=1, step=1, epoch=0.2, value=0.5),
        talk.metrics(0, 3, loss=9.0),
    )
    second = Attempt.objects.get(index=2)
    (chunk,) = second.chunks.all()
    assert (chunk.data["step"], chunk.data["values"]["loss"]) == ([1, 2, 3], [1.0, 0.75, 0.5])
    assert (second.intermediate, second.last) == ([[1, 0.2, 0.5]], {"loss": 0.5, "eval_accuracy": 0.5})
    assert Trial.objects.get().intermediate == [[1, 0.2, 0.5]]


def test_a_sweep_is_paused_before_it_starts(cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    online_runner()
    (job,) = schedule()
    pause_sweep(sweep=sweep, user=cast.bob)
    job.refresh_from_db()
    sweep.refresh_from_db()
    assert (job.state, sweep.state) == ("released", "paused")
    resume_sweep(sweep=sweep, user=cast.bob)
    assert len(schedule()) == 1


def test_a_job_that_was_held_back_may_end_without_a_trial(cast: Cast) -> None:
    talk = running_job(cast.team)
    pause_sweep(sweep=talk.sweep, user=cast.bob)
    assert talk.permits().state == "finished"
    resume_sweep(sweep=talk.sweep, user=cast.bob)
    talk.send(talk.ended("done"))
    assert talk.sweep.state == "queued"


def test_the_time_of_a_pause_does_not_count(cast: Cast) -> None:
    talk = running_job(cast.team, budget={"n_trials": 4, "timeout_s": 60.0})
    pause_sweep(sweep=talk.sweep, user=cast.bob)
    talk.send(talk.ended("released"))
    Sweep.objects.update(started_at=timezone.now() - timedelta(seconds=3600))
    SweepAct.objects.filter(verb="paused").update(at=timezone.now() - timedelta(seconds=3590))
    resume_sweep(sweep=talk.sweep, user=cast.bob)
    assert talk.sweep.timeout_s == pytest.approx(3650, abs=2)


def test_what_pauses_and_resumes_is_under_way(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(talk.started(0))
    stop_sweep(sweep=talk.sweep, user=cast.bob)
    for verb in (pause_sweep, resume_sweep):
        with pytest.raises(NotNow, match="being stopped"):
            verb(sweep=talk.sweep, user=cast.bob)
    talk.send(talk.finished(0), talk.ended())
    with pytest.raises(NotNow, match="has ended"):
        pause_sweep(sweep=talk.sweep, user=cast.bob)


def test_a_paused_sweep_can_be_stopped(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(*talk.whole_trial(0))
    pause_sweep(sweep=talk.sweep, user=cast.bob)
    talk.send(talk.ended("released"))
    stop_sweep(sweep=talk.sweep, user=cast.bob)
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)


def test_a_script_does_not_join_a_paused_sweep(cast: Cast) -> None:
    sweep = queued_sweep(cast.team, source="script")
    pause_sweep(sweep=sweep, user=cast.bob)
    with pytest.raises(Ended, match="paused"):
        join(sweep=sweep, host="h")
    with pytest.raises(NotNow, match="own script"):
        pause_sweep(sweep=sweep, user=cast.bob, checkpoint=True)
