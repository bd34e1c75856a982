"""The jobs that a runner may claim."""

from runners.models import Runner
from runners.protocol.states import JobState
from sweeps.models import Job


def offers_for(runner: Runner) -> tuple[str, ...]:
    """Public ids of the jobs that are offered to the runner, oldest first."""
    jobs = Job.objects.filter(runner=runner, state=JobState.OFFERED.value).order_by("offered_at", "pk")
    return tuple(jobs.values_list("public_id", flat=True))
