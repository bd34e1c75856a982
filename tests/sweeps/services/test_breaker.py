"""The breaker, through the services that runners talk to: who is taken out, what becomes of the trials, and the way back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runners.models import Runner
from runners.quarantine import release
from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.queries.waiting import waiting_reason
from sweeps.services.reap import reap
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db

DRIVER = "RuntimeError: CUDA error: unknown error"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs whose runner was woken. What follows a commit happens at once."""
    found: list[str] = []
    for place in ("schedule", "breaker"):
        monkeypatch.setattr(f"sweeps.services.{place}.send_wake", lambda runner, job: found.append(job))
    monkeypatch.setattr("django.db.transaction.on_commit", lambda call, *_, **__: call())
    return found


def again(runner: Runner) -> Runner:
    return Runner.objects.get(pk=runner.pk)


def taken(sweep: Sweep) -> Talk:
    """The sweep's offered job, claimed."""
    schedule()
    talk = Talk(Job.objects.select_related("runner").get(sweep=sweep, state="offered"))
    talk.claim()
    return talk


def drop(talk: Talk, *, attempt: int = 1, message: str = DRIVER) -> None:
    """Trial 0 fails by the machine's fault."""
    talk.permits()
    talk.send(talk.started(0, attempt), talk.failed(0, attempt, message=message))


def die(talk: Talk, times: int = 3) -> None:
    """So many processes die one after another, and the job with the last."""
    for _ in range(times):
        talk.permits()
        talk.t += 5
        attempt = Trial.objects.get(sweep=talk.sweep, number=0).granted_attempt
        begun = talk.started(0, attempt)
        lost = talk.event("child_lost", child="c1", exit_code=-11, running=[[0, attempt]], message="It died.")
        talk.send(begun, lost)
    talk.send(talk.ended("fail", failure_code="crashed", failure_message="3 training processes in a row died."))


def test_a_runner_whose_gpu_fails_is_taken_out_and_its_trial_goes_elsewhere(cast: Cast, woken: list[str]) -> None:
    talk = running_job(cast.team, n_trials=1)
    bad = talk.job.runner
    assert bad is not None
    for attempt in (1, 2, 3):
        assert Trial.objects.filter(sweep=talk.sweep, state="fail").count() == 0
        drop(talk, attempt=attempt)
    bad = again(bad)
    assert bad.state == "quarantined"
    assert bad.quarantine_reason == f"3 failures in a row: the GPU or its driver failed. The last one said: {DRIVER}"
    assert talk.job.public_id in woken
    permits = talk.permits()
    assert (permits.state, permits.wanted.value) == ("finished", "pause")
    talk.send(talk.ended("released"))
    sweep = talk.sweep
    assert (sweep.state, sweep.counted()) == ("queued", 0)
    assert waiting_reason(sweep).startswith(f"Runner {bad.name} is quarantined (3 failures in a row: the GPU")
    other, _ = online_runner()
    talk = taken(sweep)
    assert talk.job.runner == other
    talk.permits()
    talk.send(talk.started(0, 4), talk.finished(0, 0.5, 4), talk.ended())
    assert (talk.sweep.state, talk.sweep.counted()) == ("complete", 1)
    assert list(Attempt.objects.values_list("state", flat=True)) == ["fail", "fail", "fail", "complete"]


def test_one_success_closes_the_breaker_and_ordinary_failures_count_as_ever(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=6)
    runner = talk.job.runner
    assert runner is not None
    drop(talk)
    drop(talk, attempt=2)
    assert len(again(runner).failures) == 2
    talk.permits()
    talk.send(talk.started(0, 3), talk.finished(0, 0.5, 3))
    assert again(runner).failures == []
    for number, code in ((1, "oom"), (2, "not_finite"), (3, "error"), (4, "error")):
        talk.permits()
        talk.send(talk.started(number), talk.failed(number, code=code, message="No such column."))
    assert (again(runner).state, talk.sweep.counted()) == ("online", 5)


def test_after_an_admin_let_it_back_one_failure_is_enough_and_one_success_heals(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    runner = talk.job.runner
    assert runner is not None
    for attempt in (1, 2, 3):
        drop(talk, attempt=attempt)
    assert release(again(runner), half_open=True)
    assert (again(runner).state, again(runner).failures, again(runner).half_open) == ("online", [], True)
    talk.permits()
    talk.send(talk.started(0, 4), talk.failed(0, 4, message=DRIVER))
    # The trial has failed so often by now that it counts.
    assert Trial.objects.get(sweep=talk.sweep, number=0).state == "fail"
    assert again(runner).state == "quarantined"
    assert again(runner).quarantine_reason.startswith("A failure after it took part again")
    release(again(runner), half_open=True)
    talk.permits()
    talk.send(*talk.whole_trial(1))
    assert (again(runner).state, again(runner).half_open) == ("online", False)
    assert not release(again(runner), half_open=True)


def test_a_runner_that_is_lost_again_and_again_is_taken_out(cast: Cast) -> None:
    talk = running_job(cast.team)
    runner = talk.job.runner
    assert runner is not None
    for _ in range(3):
        assert again(runner).state == "online"
        Job.objects.filter(pk=talk.job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        reap()
        if again(runner).state == "online":
            talk = taken(talk.sweep)
    assert again(runner).state == "quarantined"
    assert "it was not heard of any more" in again(runner).quarantine_reason


def test_processes_that_die_are_the_runners_fault_only_where_another_could_show_it(cast: Cast) -> None:
    talk = running_job(cast.team)
    alone = talk.job.runner
    assert alone is not None
    die(talk)
    assert (talk.sweep.state, talk.sweep.failure_code) == ("fail", "crashed")
    assert again(alone).state == "online"
    # A second sweep whose processes die: now it is the runner.
    second = taken(queued_sweep(cast.team))
    die(second, times=1)
    assert again(alone).state == "quarantined"
    assert second.sweep.state == "queued"


def test_a_sweep_that_kills_processes_everywhere_fails_and_acquits_the_first_runner(cast: Cast) -> None:
    talk = running_job(cast.team)
    first = talk.job.runner
    assert first is not None
    online_runner()
    die(talk)
    assert again(first).state == "quarantined"
    second = Talk(Job.objects.select_related("runner").get(sweep=talk.sweep, state="offered"))
    assert second.job.runner != first
    second.claim()
    die(second)
    assert (second.sweep.state, second.sweep.failure_code) == ("fail", "crashed")
    assert {runner.state for runner in Runner.objects.all()} == {"online"}


def test_failures_that_other_runners_do_not_have_take_a_runner_out(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    talk.permits()
    Runner.objects.all().update(state="draining")
    bad, _ = online_runner()
    talk.send(*talk.whole_trial(0), talk.ended("released"))
    second = taken(talk.sweep)
    for attempt in (1, 2, 3):
        second.permits()
        second.send(second.started(1, attempt), second.failed(1, attempt, message="ImportError: libfoo.so"))
    assert again(bad).state == "quarantined"
    assert "trials fail there that succeed on other runners" in again(bad).quarantine_reason
    assert second.sweep.counted() == 1


def test_a_full_disk_sends_the_sweep_elsewhere_instead_of_failing_it(cast: Cast) -> None:
    talk = running_job(cast.team)
    said = "The runner cannot write to its disk: [Errno 28] No space left on device. Free space or mend its rights."
    talk.send(talk.ended("fail", failure_code="error", failure_message=said))
    assert talk.sweep.state == "queued"
    runner = talk.job.runner
    assert runner is not None
    assert [failure["fault"] for failure in again(runner).failures] == ["its disk is full or cannot be written"]


def test_a_runner_that_is_stopped_in_order_has_not_failed(cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    lost = {"child": "c1", "exit_code": -15, "running": [[0, 1]], "message": "The runner was stopped."}
    begun = talk.started(0)
    talk.send(begun, talk.event("child_lost", **lost), talk.ended("released"))
    assert Runner.objects.get().failures == []
    assert talk.sweep.state == "queued"


def test_zero_switches_it_off(cast: Cast, settings: Any) -> None:
    settings.BREAKER_FAILURES = 0
    talk = running_job(cast.team)
    drop(talk)
    assert Trial.objects.get(sweep=talk.sweep, number=0).state == "fail"
    assert again(talk.job.runner).failures == []  # type: ignore[arg-type]  # it has one


def test_admins_see_why_and_let_it_take_part_again(cast: Cast, client: Client) -> None:
    runner, _ = online_runner(
        state="quarantined", quarantine_reason="3 failures in a row: its disk is full.", quarantined_at=timezone.now()
    )
    for person, sees in ((cast.alice, True), (cast.bob, False)):
        client.force_login(person)
        assert ("Take part again" in client.get("/runners/").content.decode()) is sees
        assert ("its disk is full" in client.get("/").content.decode()) is sees
        assert "3 failures in a row: its disk is full." in client.get("/runners/").content.decode()
    address = f"/runners/{runner.public_id}/release/"
    assert client.post(address).status_code == 403
    client.force_login(cast.charlie)
    runner.teams.add(cast.team)
    assert client.post(address).status_code == 404
    client.force_login(cast.alice)
    assert client.post(address).status_code == 302
    assert (again(runner).state, again(runner).half_open) == ("online", True)
