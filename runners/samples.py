"""What heartbeats measured, kept for a while: use, memory and power over time, of a machine and its GPUs."""

from datetime import datetime, timedelta
from typing import Final

from runners.models import Runner, RunnerSample
from runners.protocol.runner import Heartbeat

LEAST: Final = timedelta(seconds=1)
"""Heartbeats that follow faster, as tests send them, make no more samples."""
KEPT: Final = timedelta(days=14)
"""At a heartbeat every 10 s these are 120,000 rows of each runner."""
BATCH: Final = 5000


def keep_sample(runner: Runner, heartbeat: Heartbeat, at: datetime) -> None:
    """Write down what a heartbeat measured, unless there is a sample of the last moment."""
    if RunnerSample.objects.filter(runner=runner, at__gt=at - LEAST).exists():
        return
    RunnerSample.objects.create(
        runner=runner,
        at=at,
        cpu_percent=round(heartbeat.cpu_percent, 1),
        memory_used=heartbeat.memory_used,
        accelerators=[
            [one.index, one.utilisation, one.memory_used, one.power, one.temperature] for one in heartbeat.accelerators
        ],
    )


def prune_samples(now: datetime, *, dry: bool = False) -> int:
    """Delete what is older than `KEPT`, in short transactions; how many there were."""
    old = RunnerSample.objects.filter(at__lt=now - KEPT).order_by()
    if dry:
        return old.count()
    gone = 0
    while some := list(old.values_list("pk", flat=True)[:BATCH]):
        gone += RunnerSample.objects.filter(pk__in=some).delete()[0]
    return gone
