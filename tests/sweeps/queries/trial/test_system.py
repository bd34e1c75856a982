"""What a machine measured while an attempt trained: which samples, of which GPUs, and what is said where there are none."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runners.heartbeat import take_heartbeat
from runners.models import Runner, RunnerSample
from runners.protocol.runner import Accelerator, Heartbeat
from runners.samples import KEPT, prune_samples
from sweeps.models import Attempt, Trial
from sweeps.queries.trial.system import POINTS, system_curves
from tests.factories import Cast, make_runner
from tests.sweeps.queries.compare.world import add_ran, plain_sweep

pytestmark = pytest.mark.django_db

GIB = 2**30


def attempt_of(trial: Trial, seconds: float | None = 60.0, ago: timedelta = timedelta(hours=1)) -> Attempt:
    attempt = Attempt.objects.select_related("job__runner", "job__sweep").get(trial=trial)
    attempt.started_at = timezone.now() - ago
    attempt.finished_at = None if seconds is None else attempt.started_at + timedelta(seconds=seconds)
    attempt.save()
    return attempt


def sample(attempt: Attempt, second: float, cpu: float, gpus: list[list[Any]]) -> None:
    assert attempt.started_at is not None
    assert attempt.job.runner is not None
    RunnerSample.objects.create(
        runner=attempt.job.runner,
        at=attempt.started_at + timedelta(seconds=second),
        cpu_percent=cpu,
        memory_used=GIB,
        accelerators=gpus,
    )


def test_curves_are_of_the_attempts_time_and_of_its_own_gpus(cast: Cast) -> None:
    attempt = attempt_of(add_ran(plain_sweep(cast.team), 0, {"device": "NVIDIA H100 (GPU 1)"}))
    for second, cpu in ((-5, 1.0), (5, 50.0), (10, 60.0), (65, 2.0)):
        sample(attempt, second, cpu, [[0, 9.0, 1, 1.0, 1.0], [1, 90.0 + second, 20 * GIB, None, 61.0]])
    told = system_curves(attempt)
    assert told["t"] == [5.0, 10.0]
    assert told["why"] == ""
    assert [(curve["label"], curve["group"], curve["values"]) for curve in told["curves"]] == [
        ("GPU 1", "use", [95.0, 100.0]),
        ("GPU 1 memory", "memory", [float(f"{20 * GIB:.5g}")] * 2),
        ("GPU 1 temperature", "temperature", [61.0, 61.0]),
        ("CPU of the machine", "use", [50.0, 60.0]),
        ("Memory of the machine", "memory", [float(f"{GIB:.5g}")] * 2),
    ]


def test_many_samples_are_told_as_means(cast: Cast) -> None:
    attempt = attempt_of(add_ran(plain_sweep(cast.team), 0, {"device": "CPU, 2 cores"}), seconds=2 * POINTS)
    for second in range(2 * POINTS):
        sample(attempt, second + 0.5, second % 2, [[0, 1.0, 1, 1.0, 1.0]])
    told = system_curves(attempt)
    assert [curve["label"] for curve in told["curves"]] == ["CPU of the machine", "Memory of the machine"]
    assert told["curves"][0]["values"] == [0.5] * POINTS
    assert told["t"][:2] == [0.5, 2.5]


def test_where_nothing_was_sampled_it_says_why(cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    short = attempt_of(add_ran(sweep, 0), seconds=1.0)
    assert "this attempt was shorter" in system_curves(short)["why"]
    silent = attempt_of(add_ran(sweep, 1), seconds=600.0)
    assert "no heartbeat" in system_curves(silent)["why"]
    old = attempt_of(add_ran(sweep, 2), ago=KEPT + timedelta(days=1))
    assert f"kept for {KEPT.days} days" in system_curves(old)["why"]
    old.job.runner = None
    assert "no longer registered" in system_curves(old)["why"]


def beat(runner: Runner) -> bool:
    gpu = Accelerator(index=0, name="H100", utilisation=80.0, memory_used=5, power=300.0, temperature=50.0)
    heartbeat = Heartbeat(instance=runner.instance, cpu_percent=12.34, memory_used=7, disk_free=1, accelerators=(gpu,))
    return take_heartbeat(runner=runner, heartbeat=heartbeat)


def test_each_heartbeat_leaves_a_sample_for_a_while() -> None:
    runner, _ = make_runner(instance="a" * 32)
    assert beat(runner)
    assert beat(runner)  # within the same second: one sample is enough
    (kept,) = RunnerSample.objects.all()
    assert (kept.cpu_percent, kept.memory_used, kept.accelerators) == (12.3, 7, [[0, 80.0, 5, 300.0, 50.0]])
    later = kept.at + KEPT + timedelta(seconds=1)
    assert (prune_samples(kept.at), prune_samples(later, dry=True), prune_samples(later)) == (0, 1, 1)
    assert not RunnerSample.objects.exists()


def test_the_api_tells_a_member_of_an_attempt_and_nobody_else(client: Client, cast: Cast) -> None:
    trial = add_ran(plain_sweep(cast.team), 3, {"device": "CPU, 2 cores"})
    sample(attempt_of(trial), 5, 40.0, [])
    address = f"/api/v1/sweeps/{trial.sweep.public_id}/trials/3/system/"
    client.force_login(cast.vera)
    told = client.get(address).json()
    assert (told["attempt"], told["t"], told["curves"][0]["values"]) == (1, [5.0], [40.0])
    assert client.get(f"{address}?attempt=2").status_code == 404
    assert client.get(f"{address}?attempt=x").status_code == 400
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404
