"""What a runner is told of single trials."""

from runners.protocol.job import Order
from runners.protocol.states import JobState
from sweeps.models import Job, Trial


def orders_of(job: Job) -> tuple[Order, ...]:
    """All that hold now, for the attempts that the job has permits for."""
    if job.state != JobState.RUNNING.value:
        return ()
    rows = Trial.objects.filter(granted_to=job).exclude(order="").order_by("number")
    return tuple(
        Order(number=number, attempt=attempt, act=act)
        for number, attempt, act in rows.values_list("number", "granted_attempt", "order")
    )
