"""What time alone changes: offers nobody took, leases nobody renewed."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runners.heartbeat import mark_silent_offline
from runners.protocol.states import JobState
from sweeps.models import Job
from sweeps.services.finish import end_job
from sweeps.services.locking import lock_job
from sweeps.services.publish import Change
from sweeps.services.scripts import close, settle_outcome
from sweeps.services.wanted import next_lease

QUIET_S: Final = 15.0
"""A script's trial whose end was told is over when nothing has withdrawn it for so long."""


def reap(*, now: datetime | None = None) -> int:
    """Take back what has run out. How many jobs ended; the caller schedules anew."""
    now = now or timezone.now()
    mark_silent_offline(now=now)
    late_offer = now - timedelta(seconds=settings.OFFER_S)
    jobs = [
        *Job.objects.filter(state=JobState.OFFERED.value, offered_at__lt=late_offer),
        *Job.objects.filter(state=JobState.RUNNING.value, lease_until__lt=now),
    ]
    ended = sum(_end(job, now) for job in jobs)
    for job in Job.objects.filter(state=JobState.RUNNING.value, source="script"):
        settle_outcome(job=job, older_than_s=QUIET_S)
    return ended


def extend_leases() -> int:
    """Give every running job a whole new lease, and every offer its time.

    Called when this process begins and when its database comes back: while nobody could answer, nobody could renew.
    """
    Job.objects.filter(state=JobState.OFFERED.value).update(offered_at=timezone.now())
    return Job.objects.filter(state=JobState.RUNNING.value, lease_until__lt=next_lease()).update(
        lease_until=next_lease()
    )


def _end(found: Job, now: datetime) -> bool:
    """Compare and swap: a job that was claimed or renewed in between is left alone."""
    with transaction.atomic():
        sweep, job = lock_job(found)
        change = Change(sweep)
        if found.state == JobState.OFFERED.value and job.state == JobState.OFFERED.value:
            end_job(job, change, state=JobState.RELEASED, message="The runner did not take the offer in time.")
        elif job.state == JobState.RUNNING.value and job.lease_until and job.lease_until < now:
            if job.source == "script":
                settle_outcome(job=job)
                close(job=job, message="The script was not heard of any more.")
                return True
            end_job(job, change, state=JobState.LOST, message="The runner's lease ended without a word from it.")
        else:
            return False
        change.publish()
    return True
