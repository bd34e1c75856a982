"""States are closed sets, and those of a sweep, its jobs, trials and attempts fit each other."""

from typing import Final

from runners.protocol.states import (
    COUNTED_TRIAL,
    FINISHED_ATTEMPT,
    FINISHED_JOB,
    FINISHED_SWEEP,
    FINISHED_TRIAL,
    AttemptState,
    JobState,
    SweepState,
    TrialState,
    Wanted,
)
from sweeps.models import Attempt, Trial
from sweeps.queries.audit.finding import Finding, Findings
from sweeps.queries.audit.record import Record

RULE: Final = "states"


def check_states(record: Record, *, at_rest: bool) -> Findings:
    """`at_rest`: nothing may be under way any more."""
    yield from _sweep(record)
    for job in record.jobs.values():
        yield from _job(record, job.pk)
    for trial in record.trials:
        yield from _trial(record, trial)
        for attempt in record.attempts.get(trial.pk, []):
            yield from _attempt(record, trial, attempt)
    if at_rest:
        yield from _rest(record)


def _sweep(record: Record) -> Findings:
    sweep, where = record.sweep, record.at()
    if sweep.state not in set(SweepState) or sweep.wanted not in set(Wanted):
        yield Finding(RULE, where, f"its state is {sweep.state!r} and it is wanted to {sweep.wanted!r}.")
        return
    if sweep.state == SweepState.DRAFT.value:
        if record.trials or record.jobs:
            yield Finding(RULE, where, "a draft has trials or jobs.")
        return
    if sweep.spec is None:
        yield Finding(RULE, where, f"it is {sweep.state} without a frozen spec.")
    live = [job for job in record.jobs.values() if job.state not in FINISHED_JOB]
    if sweep.state in FINISHED_SWEEP:
        if sweep.finished_at is None:
            yield Finding(RULE, where, f"it is {sweep.state} without the time of its end.")
        if any(job.state == JobState.OFFERED.value for job in live):
            yield Finding(RULE, where, f"it is {sweep.state}, and a job of it is still offered.")
        for trial in record.trials:
            if trial.state not in FINISHED_TRIAL:
                yield Finding(RULE, record.at(trial), f"the sweep is {sweep.state}, the trial {trial.state}.")
    elif sweep.state == SweepState.RUNNING.value and not live:
        yield Finding(RULE, where, "it is running, but no job is on it.")
    elif sweep.state == SweepState.PAUSED.value and live:
        yield Finding(RULE, where, "it is paused, but a job is on it.")


def _job(record: Record, pk: int) -> Findings:
    job = record.jobs[pk]
    where = f"{record.at()} job {job.public_id}"
    if job.state not in set(JobState):
        yield Finding(RULE, where, f"its state is {job.state!r}.")
    elif job.state in FINISHED_JOB:
        if job.finished_at is None:
            yield Finding(RULE, where, f"it is {job.state} without the time of its end.")
        for trial in record.trials:
            if trial.granted_to_id == pk and trial.state not in FINISHED_TRIAL:
                yield Finding(
                    RULE, record.at(trial), f"its permit is held by job {job.public_id}, which is {job.state}."
                )
    elif job.state == JobState.RUNNING.value and (not job.claim_id or job.lease_until is None):
        yield Finding(RULE, where, "it is running without a claim or a lease.")


def _trial(record: Record, trial: Trial) -> Findings:
    where, attempts = record.at(trial), record.attempts.get(trial.pk, [])
    if trial.state not in set(TrialState):
        yield Finding(RULE, where, f"its state is {trial.state!r}.")
        return
    if trial.state == TrialState.RUNNING.value and (not attempts or attempts[-1].state != AttemptState.RUNNING.value):
        yield Finding(RULE, where, "it is running, but its newest attempt is not.")
    if trial.state in COUNTED_TRIAL and (attempts or not trial.stopped):
        yield from _outcome(record, trial, attempts)
    if attempts and trial.granted_attempt < attempts[-1].index:
        yield Finding(RULE, where, f"attempt {attempts[-1].index} has begun, {trial.granted_attempt} were permitted.")
    # Late news of a trial that was cancelled meanwhile leaves it without.
    if attempts and trial.params is None and trial.state in {TrialState.RUNNING, *COUNTED_TRIAL}:
        yield Finding(RULE, where, "it has begun and has no parameters.")


def _outcome(record: Record, trial: Trial, attempts: list[Attempt]) -> Findings:
    ended = [attempt for attempt in attempts if attempt.state == trial.state]
    if not ended:
        yield Finding(RULE, record.at(trial), f"it is {trial.state}, but none of its attempts is.")
    elif not any(attempt.values == trial.values and attempt.last == trial.last for attempt in ended):
        yield Finding(RULE, record.at(trial), f"its values {trial.values} are not those of the attempt that counts.")


def _attempt(record: Record, trial: Trial, attempt: Attempt) -> Findings:
    where, job = record.at(trial, attempt), record.jobs.get(attempt.job_id)
    if attempt.state not in set(AttemptState):
        yield Finding(RULE, where, f"its state is {attempt.state!r}.")
        return
    if job is None:
        yield Finding("orphans", where, "its job belongs to another sweep.")
        return
    if attempt.state in FINISHED_ATTEMPT:
        if attempt.finished_at is None:
            yield Finding(RULE, where, f"it is {attempt.state} without the time of its end.")
        return
    if job.state != JobState.RUNNING.value:
        yield Finding(RULE, where, f"it is running, but its job {job.public_id} is {job.state}.")
    if trial.state != TrialState.RUNNING.value:
        yield Finding(RULE, where, f"it is running, but its trial is {trial.state}.")


def _rest(record: Record) -> Findings:
    sweep = record.sweep
    over = {SweepState.DRAFT.value, SweepState.PAUSED.value, *(state.value for state in FINISHED_SWEEP)}
    if sweep.state not in over:
        yield Finding("rest", record.at(), f"it is still {sweep.state}.")
    for job in record.jobs.values():
        if job.state not in FINISHED_JOB:
            yield Finding("rest", f"{record.at()} job {job.public_id}", f"it is still {job.state}.")
