"""What the server wants of a job, and whether a sweep may start trials."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from runners.protocol.states import FINISHED_SWEEP, JobState, RunnerState, SweepState, Wanted
from sweeps.models import Job, Sweep

HANDS_OVER: Final = frozenset({RunnerState.QUARANTINED.value, RunnerState.DRAINING.value})
HELD_BACK: Final = "held_back"
"""Where a job's facts say that it was refused permits by a pause: it may end without having started a trial."""


def is_over(sweep: Sweep) -> bool:
    """Whether the sweep is in a finished state."""
    return SweepState(sweep.state) in FINISHED_SWEEP


def wanted_of(job: Job) -> Wanted:
    """What its runner is told: `cancel` also for a job whose time is over on the server.

    `pause` also for a job that was told an older space than the sweep's: it hands over to one that draws from the new;
    and for one whose runner is quarantined or drains: another runner goes on.
    """
    sweep = job.sweep
    if job.state != JobState.RUNNING.value or is_over(sweep):
        return Wanted.CANCEL
    if sweep.wanted == Wanted.RUN.value and job.space_version < sweep.space_version:
        return Wanted.PAUSE
    if sweep.wanted == Wanted.RUN.value and job.runner and job.runner.state in HANDS_OVER:
        return Wanted.PAUSE
    return Wanted(sweep.wanted)


def timed_out(sweep: Sweep, now: datetime | None = None) -> bool:
    """Whether no trial may start any more because the sweep's time is used up."""
    if sweep.timeout_s is None or sweep.started_at is None:
        return False
    return (now or timezone.now()) >= sweep.started_at + timedelta(seconds=sweep.timeout_s)


def next_lease() -> datetime:
    """Until when a lease that is renewed now holds."""
    return timezone.now() + timedelta(seconds=settings.LEASE_S)
