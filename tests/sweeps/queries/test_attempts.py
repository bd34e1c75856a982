"""When which runner tried which trial: times from the sweep's start, and places as few as were used at once."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from sweeps.models import Attempt, Job, Trial
from sweeps.queries.analysis.attempts import Lanes, attempts
from tests.factories import Cast, make_runner, make_sweep


@pytest.mark.django_db
def test_attempts_as_columns(cast: Cast) -> None:
    zero = timezone.now() - timedelta(seconds=100)
    sweep = make_sweep(cast.team, started_at=zero, state="running")
    runner, _ = make_runner("gpu-1")

    def at(seconds: float) -> datetime:
        return zero + timedelta(seconds=seconds)

    first = Job.objects.create(sweep=sweep, runner=runner, state="lost", claimed_at=zero, finished_at=at(30))
    second = Job.objects.create(sweep=sweep, runner=None, state="running", claimed_at=at(40))
    Job.objects.create(sweep=sweep, runner=runner, state="offered")
    trials = [Trial.objects.create(sweep=sweep, number=number, params={}) for number in range(3)]
    for number, index, job, child, state, start, end in (
        (0, 0, first, "a", "complete", 2, 10),
        (1, 0, first, "b", "lost", 3, 30),
        (2, 0, first, "a", "complete", 10.01, 20),
        (1, 1, second, "c", "running", 45, None),
    ):
        Attempt.objects.create(
            trial=trials[number], index=index, job=job, child=child, state=state, started_t=start,
            started_at=at(start), finished_at=None if end is None else at(end),
        )  # fmt: skip
    found = attempts(sweep)
    assert [(job["runner"], job["start"], job["end"]) for job in found["jobs"]] == [
        ("gpu-1", 0.0, 30.0),
        ("a removed runner", 40.0, None),
    ]
    assert found["number"] == [0, 1, 2, 1]
    assert found["attempt"] == [0, 0, 0, 1]
    assert found["state"] == ["complete", "lost", "complete", "running"]
    assert found["job"] == [0, 0, 0, 1]
    assert found["lane"] == [0, 1, 0, 0]
    assert found["start"] == [2.0, 3.0, 10.01, 45.0]
    assert found["end"] == [10.0, 30.0, 20.0, None]
    assert found["now"] == pytest.approx(100, abs=5)


def test_a_new_child_takes_the_place_of_a_dead_one() -> None:
    lanes = Lanes()
    assert lanes.take("a", 0, 10) == 0
    assert lanes.take("b", 1, 5) == 1
    assert lanes.take("c", 6, 20) == 1
    assert lanes.take("a", 11, None) == 0
    assert lanes.take("d", 12, 13) == 2
