"""Matching queued sweeps with runners that have room. Called on every change that may matter, and by the timer.

Here the fleet is read and offers are written. Which they are is decided in `sweeps.scheduling`.
"""

import time
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from runners.heartbeat import silence_limit
from runners.models import Runner
from runners.protocol.states import RunnerState, SweepState
from runners.wake import send_wake
from sweeps.models import Job, Sweep
from sweeps.queries.fleet import snapshot_now, waiting_sweeps
from sweeps.scheduling.decide import Decision, decide

SLOW_S: Final = 0.1
REST: Final = 10
"""A round that took more than `SLOW_S` is followed by a rest of so many times as long, in which heartbeats start none."""


class _Pace:
    """How long the last round of this process took, and when it ended."""

    took_s = 0.0
    ended = 0.0


def schedule_soon() -> list[Job]:
    """As `schedule`, for callers that come by often: not at all while a large fleet's last round is too short ago."""
    if _Pace.took_s > SLOW_S and time.monotonic() < _Pace.ended + REST * _Pace.took_s:
        return []
    return schedule()


def schedule() -> list[Job]:
    """Offer queued sweeps to runners that have room. The jobs that were offered.

    Safe when called twice at once: the runners' rows are locked first, so the second caller sees the first one's offers.
    """
    # Looked without a lock first: nearly always there is nothing to do.
    if not waiting_sweeps().exists() or not _online().exists():
        return []
    begun = time.monotonic()
    with transaction.atomic():
        runners = {runner.pk: runner for runner in _online().select_for_update().order_by("pk")}
        jobs = _offer(decide(snapshot_now(runners.values())), runners)
    _Pace.ended = time.monotonic()
    _Pace.took_s = _Pace.ended - begun
    return jobs


def _offer(decision: Decision, runners: dict[int, Runner]) -> list[Job]:
    """Write the offers. A sweep that somebody else has taken back in between gets none."""
    wanted = [offer.request.pk for offer in decision.offers]
    queued = Sweep.objects.filter(pk__in=wanted, state=SweepState.QUEUED.value).select_for_update(of=("self",))
    sweeps = {sweep.pk: sweep for sweep in queued.order_by("pk")}
    jobs = []
    for offer in decision.offers:
        sweep, runner = sweeps.get(offer.request.pk), runners[offer.machine.pk]
        if sweep is None:
            continue
        job = Job.objects.create(sweep=sweep, runner=runner, slots=offer.slots, gpus=offer.gpus)
        jobs.append(job)
        wake_on_commit(runner, job)
    return jobs


def schedule_on_commit() -> None:
    """Call `schedule` once the transaction that changed something is committed."""
    transaction.on_commit(schedule)


def wake_on_commit(runner: Runner, job: Job) -> None:
    """Once the transaction is committed, have the runner ask at once what is wanted of this job, offered or running."""
    transaction.on_commit(lambda: send_wake(runner, job.public_id))


def _online() -> QuerySet[Runner]:
    since = timezone.now() - silence_limit()
    return Runner.objects.filter(state=RunnerState.ONLINE.value, removed_at=None, last_seen__gte=since)
