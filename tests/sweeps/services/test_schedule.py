"""Which sweep goes to which runner."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from runners.models import Runner
from sweeps.models import Job, Sweep
from sweeps.queries.waiting import waiting_reason
from sweeps.services.reap import extend_leases, reap
from sweeps.services.schedule import schedule
from tests.factories import Cast, make_cast
from tests.sweeps.talk import TASK, Talk, online_runner, queued_sweep, running_job


@pytest.mark.django_db
class TestMatching:
    def test_by_priority_then_age(self, cast: Cast) -> None:
        old, new, urgent = (queued_sweep(cast.team) for _ in range(3))
        Sweep.objects.filter(pk=urgent.pk).update(priority=1)
        online_runner(slots=2)
        assert [job.sweep for job in schedule()] == [urgent, old]
        assert new.jobs.count() == 0

    def test_the_runner_with_most_room_is_chosen(self, cast: Cast) -> None:
        small, _ = online_runner(slots=1)
        large, _ = online_runner(slots=3)
        for _ in range(3):
            queued_sweep(cast.team)
        assert [job.runner for job in schedule()] == [large, large, small]

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": "offline"},
            {"state": "draining"},
            {"state": "paused"},
            {"facts": {"tasks": ["image-classification"]}},
            {"facts": {}},
            {"last_seen": timezone.now() - timedelta(minutes=5)},
        ],
    )
    def test_a_runner_that_cannot_gets_nothing(self, cast: Cast, fields: dict[str, Any]) -> None:
        queued_sweep(cast.team)
        online_runner(**fields)
        assert schedule() == []

    def test_a_runner_of_another_team_gets_nothing(self, cast: Cast) -> None:
        runner, _ = online_runner()
        runner.teams.add(cast.other)
        queued_sweep(cast.team)
        assert schedule() == []
        runner.teams.add(cast.team)
        assert len(schedule()) == 1

    def test_a_running_job_takes_its_slot_until_it_ends(self, cast: Cast) -> None:
        talk = running_job(cast.team, n_trials=1)
        queued_sweep(cast.team)
        assert schedule() == []
        talk.permits()
        talk.send(*talk.whole_trial(0), talk.ended())
        assert len(schedule()) == 1


@pytest.mark.django_db
class TestProcesses:
    """Trials of several processes hold a slot for each."""

    def test_as_many_slots_as_processes(self, cast: Cast) -> None:
        pair = queued_sweep(cast.team, processes=2)
        one = queued_sweep(cast.team)
        runner, _ = online_runner(slots=2)
        assert [job.sweep for job in schedule()] == [pair]
        assert waiting_reason(one).startswith(f"Runner {runner.name} is busy")
        runner.slots = 3
        runner.save()
        assert [job.sweep for job in schedule()] == [one]

    def test_where_there_is_room_for_all(self, cast: Cast) -> None:
        online_runner(slots=3)
        small = queued_sweep(cast.team)
        assert [job.sweep for job in schedule()] == [small]
        online_runner(slots=1)
        pair = queued_sweep(cast.team, processes=2)
        (job,) = schedule()
        assert (job.sweep, job.runner and job.runner.slots) == (pair, 3)

    def test_free_slots_are_kept_for_a_sweep_that_needs_more(self, cast: Cast) -> None:
        online_runner(slots=2)
        queued_sweep(cast.team, n_trials=1)
        (job,) = schedule()
        talk = Talk(job)
        talk.claim()
        pair = queued_sweep(cast.team, processes=2)
        later = queued_sweep(cast.team)
        assert schedule() == []
        assert "A trial needs 2 slots of one runner; those that become free are kept for it." in waiting_reason(pair)
        talk.permits()
        talk.send(*talk.whole_trial(0), talk.ended())
        assert [job.sweep for job in schedule()] == [pair]
        # Another runner is none of its business.
        online_runner(slots=1)
        assert [job.sweep for job in schedule()] == [later]

    @pytest.mark.parametrize(
        ("slots", "gpus", "takes"), [(1, 0, False), (2, 0, True), (1, 2, True), (4, 1, False), (4, 2, True)]
    )
    def test_gpus_decide_where_there_are_any(self, slots: int, gpus: int, takes: bool, cast: Cast) -> None:
        sweep = queued_sweep(cast.team, processes=2)
        cards = [{"index": index, "name": "H100"} for index in range(gpus)]
        runner, _ = online_runner(slots=slots, facts={"tasks": [TASK], "accelerators": cards})
        assert bool(schedule()) is takes
        if not takes:
            assert waiting_reason(sweep) == (
                "A trial has 2 processes, and no runner that is online has room for as many: the most is 1, on "
                f"{runner.name}. Clone the sweep with fewer processes, or start a runner with HPWEB_RUNNER_SLOTS=2 "
                "(on GPUs: with 2 of them)."
            )


@pytest.mark.django_db
class TestTime:
    def test_an_offer_nobody_takes_goes_back_and_is_made_again(self, cast: Cast) -> None:
        queued_sweep(cast.team)
        runner, _ = online_runner()
        (job,) = schedule()
        assert reap() == 0
        later = timezone.now() + timedelta(seconds=31)
        Runner.objects.update(last_seen=later)
        assert reap(now=later) == 1
        job.refresh_from_db()
        assert (job.state, job.sweep.state) == ("released", "queued")
        (again,) = schedule()
        assert (again.runner, again.pk != job.pk) == (runner, True)

    def test_a_lease_that_is_renewed_holds(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        assert reap(now=timezone.now() + timedelta(seconds=59)) == 0
        assert talk.fresh().state == "running"
        assert reap(now=timezone.now() + timedelta(seconds=61)) == 1
        assert (talk.fresh().state, talk.sweep.state) == ("lost", "queued")

    def test_after_the_server_was_away_each_lease_begins_anew(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        Job.objects.update(lease_until=timezone.now() - timedelta(hours=1))
        assert extend_leases() == 1
        assert reap() == 0
        assert talk.fresh().state == "running"

    def test_a_silent_runner_is_offline(self, cast: Cast) -> None:
        runner, _ = online_runner(last_seen=timezone.now() - timedelta(seconds=16))
        reap()
        runner.refresh_from_db()
        assert runner.state == "offline"

    def test_a_released_job_is_offered_again_at_once(self, cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
        talk = running_job(cast.team, n_trials=2)
        talk.permits()
        with django_capture_on_commit_callbacks(execute=True):
            talk.send(talk.event("permit_returned", number=0, attempt=1), talk.ended("released"))
        (job,) = Job.objects.filter(state="offered")
        assert job.sweep_id == talk.job.sweep_id
        assert [permit.number for permit in _claimed(job).permits(count=3).permits] == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_offer_a_sweep_once() -> None:
    cast = make_cast()
    for _ in range(3):
        queued_sweep(cast.team)
    online_runner(slots=8)
    faults: list[BaseException] = []

    def work() -> None:
        try:
            schedule()
        except BaseException as error:  # noqa: BLE001  the test must see it
            faults.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert Job.objects.count() == 3
    assert Job.objects.values("sweep").distinct().count() == 3


def _claimed(job: Job) -> Talk:
    talk = Talk(job)
    talk.claim()
    return talk
