"""What a runner is told of single trials."""

from runners.protocol.job import Order
from runners.protocol.states import JobState, RunnerState, TrialState
from sweeps.models import Job, Trial


def orders_of(job: Job) -> tuple[Order, ...]:
    """All that hold now, for the attempts that the job has permits for."""
    if job.state != JobState.RUNNING.value:
        return ()
    rows = Trial.objects.filter(granted_to=job).order_by("number")
    if not _leaves(job):
        rows = rows.exclude(order="")
    return tuple(
        Order(number=number, attempt=attempt, act=act or "checkpoint")
        for number, attempt, act, state in rows.values_list("number", "granted_attempt", "order", "state")
        if act or state == TrialState.RUNNING.value
    )


def _leaves(job: Job) -> bool:
    """Whether the job's runner drains so that running trials leave at a checkpoint. What people want of a trial goes first."""
    runner = job.runner
    return runner is not None and runner.state == RunnerState.DRAINING.value and runner.leave == "checkpoint"
