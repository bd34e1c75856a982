"""The run that a script's agent is at work on: found, opened, told of."""

from dataclasses import dataclass
from typing import Any, Final

from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.services.locking import lock_job
from sweeps.wandb.answers import Refusal
from sweeps.wandb.callers import Caller
from sweeps.wandb.names import PermitName, read_permit

RUN: Final = "run"
"""Where a job's facts hold its current run: `{"name", "number", "lines", "listed", "stopped", "value", "gone_at"}`."""


@dataclass
class Run:
    """A permit of a script's sweep. `facts`: what was heard of it so far; empty once the job has another run."""

    name: PermitName
    job: Job
    trial: Trial
    facts: dict[str, Any]

    @property
    def sweep(self) -> Sweep:
        return self.job.sweep

    @property
    def attempt(self) -> Attempt | None:
        """The attempt that began under this name."""
        return Attempt.objects.filter(job=self.job, trial=self.trial, index=self.name.attempt).first()

    def remember(self, **facts: Any) -> None:
        """Keep what was heard. The job must be locked."""
        self.facts.update(facts)
        remember(self.job, {**self.facts, "name": str(self.name), "number": self.name.number})


def remember(job: Job, run: dict[str, Any] | None) -> None:
    """Keep the job's current run, or that there is none. The rest of its facts stays as it is in the database."""
    fresh = Job.objects.get(pk=job.pk)
    if run is None:
        fresh.facts.pop(RUN, None)
    else:
        fresh.facts[RUN] = run
    fresh.save(update_fields=["facts"])
    job.facts = fresh.facts


def script_sweep(caller: Caller, name: object) -> Sweep:
    """A script's sweep of the caller's team. Refusal (404) for any other."""
    found = None
    if caller.user is not None and isinstance(name, str):
        scripts = Sweep.objects.select_related("team").filter(team=caller.team, spec__source="script")
        found = scripts.filter(public_id=name).first()
    if found is None:
        raise Refusal("There is no such sweep for this key. Make one with wandb.sweep, or look at the key's team.", 404)
    return found


def script_job(caller: Caller, name: object) -> Job:
    """A process of a script's sweep of the caller's team, locked. Refusal (404) for any other."""
    if caller.user is not None and isinstance(name, str):
        jobs = Job.objects.filter(source="script", public_id=name, sweep__team=caller.team)
        found = jobs.first()
        if found is not None:
            return lock_job(found)[1]
    raise Refusal("There is no such agent for this key.", 404)


def find_run(caller: Caller, name: object) -> Run:
    """The run of that name, with its job locked. Refusal for one that is no run of a sweep of the caller's team."""
    permit = read_permit(name)
    if permit is None or caller.user is None:
        raise Refusal(
            "hpweb takes runs of sweeps only: start this script with wandb.agent, or use another W&B server.", 403
        )
    trial = (
        Trial.objects.select_related("granted_to")
        .filter(sweep__team=caller.team, sweep__public_id=permit.owner, sweep__spec__source="script")
        .filter(number=permit.number)
        .first()
    )
    job = None if trial is None else _job(trial, permit.attempt)
    if trial is None or job is None:
        raise Refusal("There is no such run for this key.", 403)
    _, job = lock_job(job)
    known = job.facts.get(RUN) or {}
    return Run(permit, job, trial, dict(known) if known.get("name") == str(permit) else {})


def _job(trial: Trial, attempt: int) -> Job | None:
    begun = Attempt.objects.select_related("job").filter(trial=trial, index=attempt).first()
    if begun is not None:
        return begun.job
    return trial.granted_to if trial.granted_attempt == attempt else None
