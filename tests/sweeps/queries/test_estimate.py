"""The estimate of the remaining time, and why a sweep waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.models import Runner
from sweeps.models import Sweep, Trial
from sweeps.queries.estimate import remaining_s
from sweeps.queries.state import counted_of, trial_counts
from sweeps.queries.waiting import waiting_reason
from sweeps.services.control import stop_sweep
from sweeps.services.schedule import schedule
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep, running_job

pytestmark = pytest.mark.django_db


def estimate(sweep: Sweep) -> float | None:
    counts = trial_counts(sweep)
    return remaining_s(sweep, counts, counted_of(counts))


class TestRemaining:
    @pytest.fixture
    def talk(self, cast: Cast) -> Talk:
        """Three trials took 2, 4 and 30 s; five are left."""
        talk = running_job(cast.team, n_trials=8)
        talk.permits(count=4)
        for number in range(3):
            talk.send(*talk.whole_trial(number))
        for number, seconds in ((0, 2.0), (1, 4.0), (2, 30.0)):
            Trial.objects.filter(number=number).update(duration_s=seconds)
        return talk

    def test_nothing_is_promised_before_the_first_trial_has_ended(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        assert estimate(talk.sweep) is None
        talk.permits()
        talk.send(talk.started(0))
        assert estimate(talk.sweep) is None

    def test_the_median_times_what_is_left(self, talk: Talk) -> None:
        assert estimate(talk.sweep) == 20.0

    def test_what_a_running_trial_has_done_is_taken_off(self, talk: Talk) -> None:
        talk.send(talk.started(3))
        Trial.objects.filter(number=3).update(started_at=timezone.now() - timedelta(seconds=3))
        assert estimate(talk.sweep) == pytest.approx(17.0, abs=0.5)
        Trial.objects.filter(number=3).update(started_at=timezone.now() - timedelta(seconds=300))
        assert estimate(talk.sweep) == pytest.approx(16.0, abs=0.5)

    def test_children_share_the_work(self, talk: Talk) -> None:
        sweep = talk.sweep
        assert sweep.spec is not None
        sweep.spec["children"] = 2
        assert estimate(sweep) == 10.0

    def test_a_stopping_sweep_waits_for_what_runs_only(self, talk: Talk, cast: Cast) -> None:
        talk.send(talk.started(3))
        stop_sweep(sweep=talk.sweep, user=cast.alice)
        assert estimate(talk.sweep) == pytest.approx(4.0, abs=1.0)

    def test_a_sweep_that_does_not_run_promises_nothing(self, talk: Talk) -> None:
        talk.send(talk.ended("released"))
        assert estimate(talk.sweep) is None


class TestWaiting:
    def test_for_a_runner_to_be_registered(self, cast: Cast) -> None:
        assert "No runner is registered" in waiting_reason(queued_sweep(cast.team))

    def test_for_one_that_is_online(self, cast: Cast) -> None:
        online_runner(state="offline")
        assert "No runner is online" in waiting_reason(queued_sweep(cast.team))

    def test_for_one_that_can(self, cast: Cast) -> None:
        online_runner(facts={"tasks": ["image-classification"]})
        reason = waiting_reason(queued_sweep(cast.team))
        assert reason == "No runner that is online can do text-classification."

    def test_for_a_free_one(self, cast: Cast) -> None:
        running_job(cast.team)
        Runner.objects.update(name="box")
        assert waiting_reason(queued_sweep(cast.team)).startswith("Runner box is busy with another sweep")

    def test_for_the_claim(self, cast: Cast) -> None:
        sweep = queued_sweep(cast.team)
        online_runner(name="box")
        assert waiting_reason(sweep) == ""
        schedule()
        assert waiting_reason(sweep) == "Offered to runner box."
