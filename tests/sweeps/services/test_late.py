"""News that comes after the lease was given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.models import Runner
from runners.protocol.states import Wanted
from sweeps.models import Attempt, Job, MetricChunk, Trial
from sweeps.services.reap import reap
from sweeps.services.refusals import BadEvent, NotOffered
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db


def lose(talk: Talk) -> None:
    """The lease of the talk's job ends."""
    assert reap(now=timezone.now() + timedelta(hours=1)) >= 1
    assert talk.fresh().state == "lost"


def take_over(talk: Talk) -> Talk:
    """Another job takes the sweep up."""
    Runner.objects.update(state="online")
    job = Job.objects.exclude(pk=talk.job.pk).filter(state="offered").first() or schedule()[0]
    other = Talk(job)
    other.claim()
    return other


@pytest.fixture
def talk(cast: Cast) -> Talk:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0, lr=0.25), talk.metrics(0, 1, loss=1.0))
    return talk


def test_a_lost_lease_loses_attempts_and_queues_the_sweep_again(talk: Talk) -> None:
    lose(talk)
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.failure_code) == ("lost", "runner_lost")
    assert [trial.state for trial in Trial.objects.filter(granted_to=None)] == ["waiting", "waiting"]
    assert Trial.objects.get(number=0).params == {"learning_rate": 0.25}
    assert talk.sweep.state == "queued"
    with pytest.raises(NotOffered):
        talk.claim()


def test_a_late_finish_counts_while_nobody_has_begun_the_trial_anew(talk: Talk) -> None:
    lose(talk)
    answer = talk.send(talk.metrics(0, 2, loss=0.5), talk.finished(0, 0.75))
    assert (answer.acked_seq, answer.wanted, answer.finished) == (4, Wanted.CANCEL, True)
    trial = Trial.objects.get(number=0)
    assert (trial.state, trial.value, trial.last) == ("complete", 0.75, {"loss": 0.5})
    assert Attempt.objects.get().state == "complete"
    assert talk.fresh().state == "lost"
    other = take_over(talk)
    assert [permit.number for permit in other.permits(count=5).permits] == [1]


def test_a_late_finish_counts_also_when_another_job_holds_its_permit(talk: Talk) -> None:
    lose(talk)
    other = take_over(talk)
    (permit,) = other.permits().permits
    assert (permit.number, permit.attempt, permit.params) == (0, 2, {"learning_rate": 0.25})
    talk.send(talk.finished(0, 0.75))
    other.send(*other.whole_trial(0, 0.9, attempt=2))
    trial = Trial.objects.get(number=0)
    assert (trial.state, trial.value) == ("complete", 0.75)
    assert list(Attempt.objects.order_by("index").values_list("state", flat=True)) == ["complete", "complete"]
    other.permits()
    other.send(*other.whole_trial(1, attempt=2), other.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)


def test_a_late_finish_is_kept_but_does_not_count_once_a_newer_attempt_has_begun(talk: Talk) -> None:
    lose(talk)
    other = take_over(talk)
    other.permits()
    other.send(other.started(0, attempt=2, lr=0.25))
    talk.send(talk.metrics(0, 2, loss=0.25), talk.finished(0, 0.75))
    trial = Trial.objects.get(number=0)
    assert (trial.state, trial.value) == ("running", None)
    assert Attempt.objects.get(index=1).values == [0.75]
    assert MetricChunk.objects.filter(attempt__index=1).get().rows == 2
    other.send(other.finished(0, 0.5, attempt=2))
    trial.refresh_from_db()
    assert (trial.state, trial.value) == ("complete", 0.5)


def test_a_late_start_gives_the_trial_its_parameters(talk: Talk) -> None:
    lose(talk)
    talk.send(talk.started(1, lr=0.125))
    trial = Trial.objects.get(number=1)
    assert (trial.state, trial.params) == ("waiting", {"learning_rate": 0.125})
    assert Attempt.objects.get(trial=trial).state == "lost"
    permits = take_over(talk).permits(count=2).permits
    assert [permit.params for permit in permits] == [{"learning_rate": 0.25}, {"learning_rate": 0.125}]
    assert [permit.lost_optuna_number for permit in permits] == [None, None]


def test_a_lost_job_cannot_speak_for_another_jobs_permit(talk: Talk) -> None:
    lose(talk)
    take_over(talk).permits(count=2)
    with pytest.raises(BadEvent):
        talk.send(talk.started(1, attempt=2))


def test_the_last_late_finish_completes_the_sweep(talk: Talk) -> None:
    talk.send(*talk.whole_trial(1))
    lose(talk)
    talk.send(talk.finished(0), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 2)
    assert schedule() == []
