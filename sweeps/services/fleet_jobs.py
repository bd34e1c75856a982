"""What admins do with the jobs of a runner: end one, or offer one that waits to another runner."""

from django.db import transaction

from runners.models import Runner, RunnerAct
from runners.protocol.states import JobState
from sweeps.models import Job
from sweeps.queries.fleet import request_of, snapshot_now
from sweeps.scheduling.fits import could_take
from sweeps.services.acts import note
from sweeps.services.control import NotNow
from sweeps.services.finish import end_job
from sweeps.services.locking import lock_job
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit, wake_on_commit
from teams.models import User

KILLED = "An admin ended the job on this runner."


@transaction.atomic
def kill_job(*, job: Job, user: User | None) -> None:
    """Take the sweep from its runner now. Its running trials are lost there and wait for a runner again; nothing counts.

    The runner ends its processes when it asks next. NotNow for a job that has ended, and for a script's.
    """
    sweep, job = lock_job(job)
    if job.state not in {JobState.OFFERED.value, JobState.RUNNING.value}:
        raise NotNow("The job has ended already.")
    if job.source == "script":
        raise NotNow("A person's own script trains here: end it there, or cancel the sweep.")
    runner = job.runner
    change = Change(sweep)
    note(sweep, "job killed", user=user, job=job.public_id, runner=runner.name if runner else "")
    end_job(job, change, state=JobState.RELEASED, message=KILLED)
    change.publish()
    if runner is not None:
        RunnerAct.objects.create(runner=runner, user=user, verb="job killed", detail={"sweep": sweep.public_id})
        wake_on_commit(runner, job)


@transaction.atomic
def move_offer(*, job: Job, to: Runner, user: User | None) -> Job:
    """Offer what no runner has taken yet to another one. NotNow when it was taken, or that one can't or has no room."""
    sweep, job = lock_job(job)
    if job.state != JobState.OFFERED.value:
        raise NotNow("A runner has taken the job by now. Drain the runner or end the job to have it done elsewhere.")
    if to.pk == job.runner_id:
        raise NotNow(f"It is offered to {to.name} already.")
    (machine,) = snapshot_now([to]).machines
    shape = request_of(sweep).shape
    if not could_take(machine, shape):
        raise NotNow(f"{to.name} can't do this sweep: it is not online, or lacks what the sweep needs.")
    if machine.free < machine.need(shape.processes):
        raise NotNow(f"{to.name} has no free slot for it.")
    change = Change(sweep, state=True)
    before = job.runner.name if job.runner else ""
    end_job(job, change, state=JobState.RELEASED, message=f"An admin offered the sweep to {to.name} instead.")
    slots = machine.need(shape.processes)
    moved = Job.objects.create(sweep=sweep, runner=to, slots=slots, gpus=machine.gpus_of(shape.processes))
    note(sweep, "offer moved", user=user, job=moved.public_id, before=before, after=to.name)
    RunnerAct.objects.create(
        runner=to, user=user, verb="offer moved", detail={"sweep": sweep.public_id, "before": before}
    )
    wake_on_commit(to, moved)
    change.publish()
    schedule_on_commit()
    return moved
