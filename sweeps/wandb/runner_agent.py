"""The agent inside a runner's job: one permit, one agent, one run.

The child has its permit from the server already; it asks here only for the parameters, and whether to end early. What
happens in the trial it tells by its events, like under every backend.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from runners.protocol.base import Scalar
from sweeps.models import Job, Trial
from sweeps.services.locking import lock_job
from sweeps.wandb.answers import Refusal, command
from sweeps.wandb.early import ends_early
from sweeps.wandb.names import PermitName, read_permit
from sweeps.wandb.proposals import arguments_of, propose


def register(job: Job, name: object) -> str:
    """An agent's id: the permit's name. Refusal for a permit that the job does not have."""
    permit = read_permit(name)
    if permit is None or permit.owner != job.public_id:
        raise Refusal("A job's key opens the job's own permits only.", 404)
    return str(_granted(job, permit)[0])


def beat(job: Job, name: object, listed: set[str]) -> list[dict[str, Any]]:
    """One heartbeat: the run with its parameters, or stop, or nothing. Asked again, the parameters are the same."""
    permit = read_permit(name)
    if permit is None or permit.owner != job.public_id:
        raise Refusal("A job's key opens the job's own permits only.", 404)
    permit, trial = _granted(job, permit)
    if str(permit) in listed:
        return command("stop", run_id=str(permit)) if ends_early(job.sweep, permit.number) else []
    params = trial.params if trial.params is not None else _proposed(job, trial)
    if params is None:
        return command("exit")
    return command("run", run_id=str(permit), args=arguments_of(job.sweep, params))


@transaction.atomic
def _proposed(job: Job, trial: Trial) -> Mapping[str, Scalar] | None:
    """Parameters for the trial, kept at once: one that is lost runs again with the same. None when there are none."""
    _, job = lock_job(job)
    trial = Trial.objects.get(pk=trial.pk)
    if trial.params is None:
        proposed = propose(job.sweep, trial.number)
        if proposed is None:
            return None
        trial.params = dict(proposed)
        trial.save(update_fields=["params"])
    params: dict[str, Scalar] = trial.params
    return params


def _granted(job: Job, permit: PermitName) -> tuple[PermitName, Trial]:
    granted = Trial.objects.filter(sweep=job.sweep_id, granted_to=job)
    trial = granted.filter(number=permit.number, granted_attempt=permit.attempt).first()
    if trial is None:
        raise Refusal(f"Trial {permit.number} is not permitted to this job any more.", 404)
    return permit, trial
