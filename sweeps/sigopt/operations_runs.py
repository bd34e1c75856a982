"""SigOpt's training runs are trials: begun when the client creates one, told of by MERGE.

All runs of an experiment belong to one job, as no request says which process sends it.
"""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from runners.protocol.states import JobState
from sweeps.models import Attempt, Job, Sweep
from sweeps.services import scripts
from sweeps.services.locking import lock_job, lock_sweep
from sweeps.sigopt.api_requests import Caller, Refusal
from sweeps.sigopt.operations_progress import remaining_budget
from sweeps.sigopt.operations_propose import propose
from sweeps.wandb.names import read_permit

SILENT_S: Final = 24 * 3600.0
"""The client says nothing while it trains. A trial that is not told of for so long is lost."""
VALUES: Final = "values"
"""Where a job's facts hold what was measured of its open trials: number → metric → value."""
_STATES: Final = {"completed", "failed", "active"}


def find_run(caller: Caller, name: str) -> Attempt:
    """The attempt behind a training run of the caller's team. Refusal (404) for any other."""
    permit = read_permit(name)
    found = None
    if permit is not None:
        found = (
            Attempt.objects.select_related("trial__sweep", "job")
            .filter(trial__sweep__team=caller.team, trial__sweep__spec__client="sigopt")
            .filter(trial__sweep__public_id=permit.owner, trial__number=permit.number, index=permit.attempt)
            .first()
        )
    if found is None:
        raise Refusal("There is no such training run for this key.", 404)
    return found


def begin_run(caller: Caller, sweep: Sweep) -> Attempt:
    """The next trial, begun. Refusal when the experiment takes no more."""
    try:
        with transaction.atomic():
            sweep = lock_sweep(sweep.pk)
            if remaining_budget(sweep) == 0:
                raise scripts.Ended("The budget of this experiment is used up, or it was stopped.")
            job = Job.objects.filter(sweep=sweep, source="script", state=JobState.RUNNING.value).first()
            if job is None:
                job = scripts.join(sweep=sweep, host=caller.host, versions={"sigopt": caller.version})
            trial = scripts.next_trial(job=job, propose=propose)
            if trial is None:
                raise scripts.Ended("No trial is free now.")
            scripts.begin(job=job, trial=trial)
            _hold(job)
            return Attempt.objects.select_related("trial__sweep", "job").get(
                trial=trial, job=job, index=trial.granted_attempt
            )
    except scripts.Ended as error:
        raise Refusal(str(error)) from None


@transaction.atomic
def tell_run(attempt: Attempt, body: Mapping[str, Any]) -> None:
    """Take what is told of a run: `values`, `state`. All else, such as metadata, is left aside.

    Nothing happens to a run that has ended.
    """
    values, state = _values(body.get("values")), body.get("state")
    if state is not None and (not isinstance(state, str) or state not in _STATES):
        raise Refusal(f"state: one of {', '.join(sorted(_STATES))} is expected.")
    _check_assignments(attempt, body.get("assignments"))
    _, job = lock_job(attempt.job)
    attempt.refresh_from_db(fields=["state"])
    if attempt.state != "running":
        return
    number = str(attempt.trial.number)
    told = {**job.facts.get(VALUES, {}).get(number, {}), **values}
    job.facts[VALUES] = {**job.facts.get(VALUES, {}), number: told}
    if state in ("completed", "failed"):
        del job.facts[VALUES][number]
    job.save(update_fields=["facts"])
    if state in ("completed", "failed"):
        _end(job, attempt, state, told)
    scripts.touch(job)
    _hold(job)
    leave_when_done(attempt.trial.sweep)


def leave_when_done(sweep: Sweep) -> None:
    """End the job once no trial will come and none is at work: the client never says that it leaves."""
    with transaction.atomic():
        sweep = lock_sweep(sweep.pk)
        if remaining_budget(sweep) != 0:
            return
        for job in Job.objects.filter(sweep=sweep, source="script", state=JobState.RUNNING.value):
            if not Attempt.objects.filter(job=job, state="running").exists():
                scripts.close(job=job)


def _end(job: Job, attempt: Attempt, state: str, told: Mapping[str, float]) -> None:
    named = [objective["metric"] for objective in (attempt.trial.sweep.spec or {})["objectives"]]
    missing = [name for name in named if name not in told]
    if state == "failed":
        message = "The script ended this trial with an error. Its own output says why."
    elif missing:
        message = f"{', '.join(missing)} was never logged. Log it under the name that the experiment's metric has."
    else:
        values = [told[name] for name in named]
        scripts.finish(job=job, trial=attempt.trial, state="complete", values=values, metrics=told)
        return
    scripts.finish(job=job, trial=attempt.trial, state="fail", metrics=told, message=message)


def _hold(job: Job) -> None:
    """A long lease while a trial is at work, and the usual one between trials."""
    if Attempt.objects.filter(job=job, state="running").exists():
        until = timezone.now() + timedelta(seconds=SILENT_S)
        Job.objects.filter(pk=job.pk, state=JobState.RUNNING.value).update(lease_until=until)


def _values(given: Any) -> dict[str, float]:
    """Metric → value, from `{"name": {"value": 0.9}}`."""
    if given is None:
        return {}
    found = {}
    for name, measured in given.items() if isinstance(given, dict) else [("", None)]:
        value = measured.get("value") if isinstance(measured, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= len(name) <= 200:
            raise Refusal('values: each metric is expected as {"name": {"value": number}}.')
        try:
            found[name] = float(value)
        except OverflowError:
            found[name] = math.inf
        if not math.isfinite(found[name]):
            raise Refusal(f"values.{name}: the number is too large.")
    return found


def _check_assignments(attempt: Attempt, given: Any) -> None:
    """The client may add parameters of its own, which hpweb does not search; a proposed value stays."""
    params = attempt.trial.params or {}
    for name, value in given.items() if isinstance(given, dict) else ():
        if name in params and params[name] != value:
            raise Refusal(f"assignments.{name}: what was proposed can't be changed.")
