"""Permits: one permit, one trial number. Counted here alone, so a budget is exact however many children there are."""

from django.db import transaction
from django.db.models import Max

from runners.protocol.base import Scalar
from runners.protocol.job import Permit, PermitRequest, Permits
from runners.protocol.states import TrialState, Wanted
from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.services.ingest import fence
from sweeps.services.locking import lock_job
from sweeps.services.wanted import HELD_BACK, next_lease, timed_out, wanted_of

OPEN = (TrialState.WAITING.value, TrialState.RUNNING.value)


def grant(*, job: Job, request: PermitRequest) -> Permits:
    """Give the job up to `count` permits: waiting trials first, by number, then new numbers while the budget lasts.

    Permits that were given and that the job does not hold are given again. Fenced for another claim.
    """
    with transaction.atomic():
        sweep, job = lock_job(job)
        fence(job, request.claim_id)
        wanted = wanted_of(job)
        if wanted in {Wanted.RUN, Wanted.STOP, Wanted.PAUSE}:
            job.lease_until = next_lease()
            job.save(update_fields=["lease_until"])
        if wanted == Wanted.PAUSE and not job.facts.get(HELD_BACK):
            job.facts[HELD_BACK] = True
            job.save(update_fields=["facts"])
        if wanted != Wanted.RUN or timed_out(sweep):
            return Permits(state="finished", wanted=wanted)
        trials = _again(job, request)[: request.count]
        trials += _waiting(sweep, job, request.count - len(trials))
        trials += _new(sweep, job, request.count - len(trials))
        if trials:
            lost = _lost_numbers(job, trials)
            return Permits(state="granted", permits=tuple(_permit(trial, lost) for trial in trials), wanted=wanted)
        # A trial that runs now may yet be lost, and then it is this job's to take.
        any_open = Trial.objects.filter(sweep=sweep, state__in=OPEN).exists()
        return Permits(state="wait" if any_open else "finished", wanted=wanted)


def _again(job: Job, request: PermitRequest) -> list[Trial]:
    """Given to this job, not begun, and unknown to it: the answer was lost."""
    given = Trial.objects.filter(granted_to=job, state=TrialState.WAITING.value)
    return list(given.exclude(number__in=request.holding).order_by("number"))


def _waiting(sweep: Sweep, job: Job, count: int) -> list[Trial]:
    """Trials that wait for someone: lost ones, returned ones, those a person has made."""
    if count <= 0:
        return []
    free = Trial.objects.filter(sweep=sweep, state=TrialState.WAITING.value, granted_to=None).order_by("number")
    trials = list(free[:count])
    for trial in trials:
        trial.granted_to = job
        trial.granted_attempt += 1
        if trial.params is None:
            trial.space_version = job.space_version
    Trial.objects.bulk_update(trials, ["granted_to", "granted_attempt", "space_version"])
    return trials


def _new(sweep: Sweep, job: Job, count: int) -> list[Trial]:
    """New numbers: every trial that counts, or still may, has a row, so the rest of the budget is what is left."""
    if count <= 0:
        return []
    trials = Trial.objects.filter(sweep=sweep)
    left = sweep.n_trials - trials.exclude(state=TrialState.CANCELLED.value).count()
    if left <= 0:
        return []
    last = trials.aggregate(last=Max("number"))["last"]
    first = 0 if last is None else last + 1
    return Trial.objects.bulk_create(
        Trial(sweep=sweep, number=first + place, granted_to=job, granted_attempt=1, space_version=job.space_version)
        for place in range(min(count, left))
    )


def _lost_numbers(job: Job, trials: list[Trial]) -> dict[int, int]:
    """Trial's pk → Optuna's number of its last attempt, where that was this job's: another job has another study."""
    found = Attempt.objects.filter(trial__in=trials, job=job, optuna_number__isnull=False).order_by("index")
    return {trial: number for trial, number in found.values_list("trial_id", "optuna_number") if number is not None}


def _permit(trial: Trial, lost: dict[int, int]) -> Permit:
    params: dict[str, Scalar] | None = trial.params
    return Permit(
        number=trial.number, attempt=trial.granted_attempt, params=params, lost_optuna_number=lost.get(trial.pk)
    )
