"""What admins do with runners, and what their jobs are told then."""

from typing import Any

import pytest
from django.utils import timezone

from runners.models import Runner, RunnerAct, hash_token
from runners.quarantine import quarantine
from runners.steering import (
    ActRefused,
    drain,
    edit,
    for_runners,
    may_keep,
    pause,
    register,
    remove,
    resume,
    revoke,
    rotate,
)
from sweeps.models import Attempt, Job, Trial
from sweeps.services.control import NotNow
from sweeps.services.fleet_jobs import kill_job, move_offer
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db


def runner_of(talk: Talk) -> Runner:
    assert talk.job.runner is not None
    return talk.job.runner


def told(runner: Runner) -> list[str]:
    return [act.says for act in RunnerAct.objects.filter(runner=runner).order_by("pk")]


class TestDrain:
    def test_trials_finish_and_another_runner_goes_on(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        talk.permits()
        talk.send(talk.started(0))
        other, _ = online_runner(name="other")
        drain(runner=runner_of(talk), user=cast.alice)
        answer = talk.send(talk.metrics(0, 1, loss=1.0))
        assert (answer.wanted, answer.orders) == ("pause", ())
        assert talk.permits(0).state == "finished"
        talk.send(talk.finished(0, 0.5), talk.ended("released"))
        assert talk.sweep.state == "queued"
        (job,) = schedule()
        assert job.runner == other
        assert told(runner_of(talk)) == ["Drains: its trials finish, and its sweeps go elsewhere."]

    def test_running_trials_leave_at_a_checkpoint_those_that_have_not_begun_go_back(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        talk.permits(count=2)
        talk.send(talk.started(0))
        drain(runner=runner_of(talk), user=cast.alice, leave="checkpoint")
        answer = talk.send()
        assert [(order.number, order.attempt, order.act) for order in answer.orders] == [(0, 1, "checkpoint")]
        assert Trial.objects.get(number=0).order == "", "it is the runner that is drained, not the trial"
        talk.send(
            talk.event("attempt_left", number=0, attempt=1, step=3),
            talk.event("permit_returned", number=1, attempt=1),
            talk.ended("released"),
        )
        trial = Trial.objects.get(number=0)
        assert (trial.state, trial.params, talk.sweep.state) == ("waiting", {"learning_rate": 0.001}, "queued")
        assert schedule() == [], "it is drained"
        resume(runner=runner_of(talk), user=cast.alice)
        (job,) = schedule()
        again = Talk(job)
        again.claim()
        (permit,) = again.permits().permits
        assert (permit.number, permit.attempt, permit.params) == (0, 2, {"learning_rate": 0.001})

    def test_what_a_person_wants_of_a_trial_goes_first(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        talk.permits()
        talk.send(talk.started(0))
        Trial.objects.update(order="stop")
        drain(runner=runner_of(talk), user=None, leave="checkpoint")
        assert [order.act for order in talk.send().orders] == ["stop"]


class TestPause:
    def test_nothing_new_and_what_runs_goes_on(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        pause(runner=runner_of(talk), user=cast.alice)
        queued_sweep(cast.team)
        assert schedule() == []
        assert talk.permits().state == "granted"
        resume(runner=runner_of(talk), user=cast.alice)
        runner = Runner.objects.get()
        assert runner.state == "online"
        assert told(runner) == ["Paused: it gets nothing new.", "Takes part again."]

    def test_a_silent_one_is_offline_after_it(self, cast: Cast) -> None:
        runner, _ = online_runner(last_seen=timezone.now().replace(year=2020), state="paused")
        resume(runner=runner, user=None)
        runner.refresh_from_db()
        assert runner.state == "offline"

    def test_for_a_selection_each_by_itself(self, cast: Cast) -> None:
        good, _ = online_runner()
        bad, _ = online_runner()
        quarantine(bad, "It failed.")
        report = for_runners(verb="pause", runners=[good, bad], user=cast.alice)
        assert report.done == [good.public_id]
        assert report.refused == {bad.public_id: f"{bad.name} is quarantined, so it gets nothing already."}


class TestKeeping:
    def test_registered_with_a_token_that_rotates_and_is_revoked(self, cast: Cast) -> None:
        runner, token = register(name=" box ", teams=[cast.team], user=cast.alice, labels=["Lab"])
        assert (runner.name, runner.labels, list(runner.teams.all())) == ("box", ["lab"], [cast.team])
        assert Runner.objects.get(token_hash=hash_token(token)) == runner
        with pytest.raises(ActRefused, match="A runner with this name exists"):
            register(name="box", teams=[], user=None)
        new = rotate(runner=runner, user=cast.alice)
        assert not Runner.objects.filter(token_hash=hash_token(token)).exists()
        revoke(runner=runner, user=cast.alice)
        assert not Runner.objects.filter(token_hash=hash_token(new)).exists()
        assert told(runner) == [
            "Registered.",
            "It has a new token; the old one works no more.",
            "Its token was revoked.",
        ]

    def test_a_removed_one_leaves_its_name_free(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        runner = runner_of(talk)
        Runner.objects.filter(pk=runner.pk).update(load={"jobs": [{"job": talk.job.public_id}]})
        with pytest.raises(ActRefused, match="is at work: drain it first"):
            remove(runner=runner, user=cast.alice)
        Runner.objects.filter(pk=runner.pk).update(load={})
        remove(runner=runner, user=cast.alice)
        assert Job.objects.get(pk=talk.job.pk).runner == runner
        register(name=runner.name, teams=[], user=None)

    def test_labels_and_a_limit(self, cast: Cast) -> None:
        runner, _ = online_runner(slots=4)
        edit(runner=runner, user=cast.alice, labels=["fast", "a100"], slots_limit=2)
        edit(runner=runner, user=cast.alice, slots_limit=None)
        with pytest.raises(ActRefused, match="is no label"):
            edit(runner=runner, user=None, labels=["no label"])
        assert told(runner) == ["Labels: a100, fast. 2 of its slots may be used.", "All of its slots may be used."]

    def test_who_may(self, cast: Cast) -> None:
        shared, _ = online_runner()
        own, _ = online_runner()
        own.teams.add(cast.team)
        both, _ = online_runner()
        both.teams.add(cast.team, cast.other)
        people = (cast.alice, cast.bob, cast.charlie)
        assert [[may_keep(user, runner) for user in people] for runner in (shared, own, both)] == [
            [False, False, False],
            [True, False, False],
            [False, False, False],
        ]


class TestJobs:
    def test_a_killed_job_gives_its_trials_back_uncounted(self, cast: Cast, woken: list[str]) -> None:
        talk = running_job(cast.team)
        talk.permits()
        talk.send(talk.started(0))
        kill_job(job=talk.job, user=cast.alice)
        job = talk.fresh()
        assert (job.state, job.failure_message) == ("released", "An admin ended the job on this runner.")
        assert (Trial.objects.get().state, Attempt.objects.get().state) == ("waiting", "lost")
        assert talk.sweep.state == "queued"
        assert talk.send().wanted == "cancel", "the runner is told to end its processes"
        with pytest.raises(NotNow):
            kill_job(job=talk.job, user=cast.alice)

    def test_an_offer_moves(self, cast: Cast, woken: list[str]) -> None:
        sweep = queued_sweep(cast.team)
        online_runner(name="first", slots=2)
        (job,) = schedule()
        second, _ = online_runner(name="second")
        full, _ = online_runner(name="full", slots_limit=0, slots=1)
        with pytest.raises(NotNow, match="can't do this sweep"):
            move_offer(job=job, to=full, user=cast.alice)
        moved = move_offer(job=job, to=second, user=cast.alice)
        assert (moved.runner, moved.sweep, job.sweep_id) == (second, sweep, sweep.pk)
        assert Job.objects.get(pk=job.pk).state == "released"
        with pytest.raises(NotNow, match="has taken the job by now"):
            move_offer(job=job, to=second, user=cast.alice)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []

    def send(_runner: Any, job: str) -> bool:
        sent.append(job)
        return True

    monkeypatch.setattr("sweeps.services.schedule.send_wake", send)
    return sent
