"""A runner takes an offer."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from runners.protocol.job import Claimed, FinishedTrial
from runners.protocol.spec import SweepSpec
from runners.protocol.states import JobState, SweepState
from sweeps.models import Job, Sweep, Trial
from sweeps.services.acts import note
from sweeps.services.apply import SERVICE_SWEEP
from sweeps.services.figures import number_of
from sweeps.services.job_secrets import secrets_for
from sweeps.services.locking import lock_job
from sweeps.services.outcome import COUNTED
from sweeps.services.publish import Change
from sweeps.services.refusals import Fenced, NotOffered
from sweeps.services.wanted import next_lease, wanted_of


def claim(*, job: Job, claim_id: str) -> Claimed:
    """Make the job this claim's: from `offered` to `running`, once. The same claim id again gets the same answer.

    NotOffered when the offer went back or the job has ended, Fenced when another claim was first.
    """
    with transaction.atomic():
        sweep, job = lock_job(job)
        if job.state == JobState.RUNNING.value:
            if job.claim_id != claim_id:
                raise Fenced
            job.lease_until = next_lease()
            job.save(update_fields=["lease_until"])
        elif job.state == JobState.OFFERED.value and sweep.state == SweepState.QUEUED.value:
            _begin(sweep, job, claim_id)
        else:
            raise NotOffered("The job is no longer offered: its sweep was taken back, or the job has ended.")
        spec = SweepSpec.model_validate(sweep.spec)
        return Claimed(
            job=job.public_id,
            sweep=sweep.public_id,
            name=sweep.name,
            spec=spec,
            secrets=secrets_for(job, spec),
            wandb_sweep=_wandb_sweep(sweep),
            history=history(sweep),
            acked_seq=job.acked_seq,
            lease_s=settings.LEASE_S,
            wanted=wanted_of(job),
        )


def history(sweep: Sweep) -> tuple[FinishedTrial, ...]:
    """The sweep's finished trials in the order in which they finished."""
    trials = Trial.objects.filter(sweep=sweep, state__in=COUNTED).order_by("finished_order", "number")
    return tuple(
        FinishedTrial(
            number=trial.number,
            params=trial.params or {},
            state=trial.state,
            values=tuple(number_of(value) for value in trial.values),
            intermediate=tuple((step, number_of(value)) for step, _, value in trial.intermediate),
        )
        for trial in trials.only("number", "params", "state", "values", "intermediate", "finished_order")
    )


def _wandb_sweep(sweep: Sweep) -> str | None:
    """The sweep on W&B that the latest job has told of."""
    for facts in Job.objects.filter(sweep=sweep).order_by("-pk").values_list("facts", flat=True):
        if facts.get(SERVICE_SWEEP):
            return str(facts[SERVICE_SWEEP])
    return None


def _begin(sweep: Sweep, job: Job, claim_id: str) -> None:
    now = timezone.now()
    job.state = JobState.RUNNING.value
    job.claim_id = claim_id
    job.claimed_at = now
    job.lease_until = next_lease()
    job.instance = job.runner.instance if job.runner else ""
    job.space_version = sweep.space_version
    job.save(update_fields=["state", "claim_id", "claimed_at", "lease_until", "instance", "space_version"])
    sweep.state = SweepState.RUNNING.value
    sweep.started_at = sweep.started_at or now
    sweep.save(update_fields=["state", "started_at"])
    note(sweep, "claimed", job=job.public_id, runner=job.runner.name if job.runner else "")
    change = Change(sweep, state=True)
    change.publish()
