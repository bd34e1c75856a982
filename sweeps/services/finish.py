"""The end of a job, and what then becomes of its sweep. The sweep's row must be locked."""

from typing import Final

from django.db.models import Count
from django.utils import timezone

from runners.protocol.events import JobFinished
from runners.protocol.states import AttemptState, FailureCode, JobState, SweepState, TrialState, Wanted
from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.queries.failures import why_all_failed
from sweeps.queries.room import LIVE
from sweeps.services import breaker
from sweeps.services.acts import note
from sweeps.services.outcome import ATTEMPT_FIELDS, TRIAL_FIELDS, begin_again, is_finished, lose
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit
from sweeps.services.wanted import HELD_BACK, is_over, timed_out
from teams.models import User

LOST: Final = "The runner was not heard of for so long that its lease on the sweep ended. The trial runs again."
ENDED: Final = "The runner gave the sweep back before this trial had ended. The trial runs again."
CANCELLED: Final = "Cancelled by a person."


def end_job(job: Job, change: Change, *, state: JobState, told: JobFinished | None = None, message: str = "") -> None:
    """End a job that is offered or running, take its trials back, and settle its sweep. Everything is saved.

    `told`: the runner's own last event. `message`: why, when there is none.
    """
    now = timezone.now()
    job.state = state.value
    job.finished_at = now
    job.failure_code = told.failure_code.value if told and told.failure_code else ""
    job.failure_message = told.failure_message if told else message
    job.save(update_fields=["state", "finished_at", "failure_code", "failure_message"])
    take_back(job, change, LOST if state == JobState.LOST else ENDED)
    if state == JobState.LOST:
        breaker.report_loss(job)
    change.state = True
    settle(change, job=job, told=told)
    schedule_on_commit()


def take_back(job: Job, change: Change, message: str) -> None:
    """Lose the job's running attempts; their trials, and those it never began, wait for another job."""
    now = timezone.now()
    attempts = list(
        Attempt.objects.filter(job=job, state=AttemptState.RUNNING.value).select_related("trial", "job__runner")
    )
    for attempt in attempts:
        lose(attempt, now, message)
    Attempt.objects.bulk_update(attempts, ATTEMPT_FIELDS, batch_size=100)
    by_trial = {attempt.trial_id: attempt for attempt in attempts}
    trials = [trial for trial in Trial.objects.filter(granted_to=job) if not is_finished(trial)]
    for trial in trials:
        begin_again(trial)
        if trial.params is not None:
            change.trial(trial, by_trial.get(trial.pk))
    Trial.objects.bulk_update(trials, TRIAL_FIELDS, batch_size=50)


def settle(change: Change, *, job: Job | None = None, told: JobFinished | None = None) -> None:
    """Give a sweep that no job is on any more its next state: finished, paused, or queued again.

    `job`: the one that has just ended, if any, with the runner's last event.
    """
    sweep = change.sweep
    if is_over(sweep) or sweep.state == SweepState.DRAFT.value:
        return
    if Job.objects.filter(sweep=sweep, state__in=LIVE).exists():
        return
    counts = _counts(sweep)
    counted = counts["complete"] + counts["pruned"] + counts["fail"]
    pausing = sweep.wanted == Wanted.PAUSE.value
    # The time of a pause does not count, so nothing times out in one.
    if counted >= sweep.n_trials or sweep.wanted == Wanted.STOP.value or (timed_out(sweep) and not pausing):
        _conclude(change, counts, counted)
    elif told is not None and told.state == "fail" and not (job and breaker.hands_over(job, told)):
        fail_sweep(change, told.failure_code or FailureCode.ERROR, told.failure_message, told.failure_field)
    elif told is not None and told.state == "done" and _did_nothing(job):
        fail_sweep(change, FailureCode.PROTOCOL_ERROR, "The runner ended the job without starting a trial.")
    elif pausing:
        if sweep.state != SweepState.PAUSED.value:
            sweep.state = SweepState.PAUSED.value
            sweep.save(update_fields=["state"])
            note(sweep, "paused")
            change.state = True
    elif sweep.state != SweepState.QUEUED.value:
        sweep.state = SweepState.QUEUED.value
        sweep.save(update_fields=["state"])
        note(sweep, "queued again", job=job.public_id if job else "", reason=job.state if job else "")
        change.state = True


def _did_nothing(job: Job | None) -> bool:
    """Whether a job ended without a trial though it might have had one."""
    return job is None or not (job.facts.get(HELD_BACK) or Attempt.objects.filter(job=job).exists())


def fail_sweep(change: Change, code: FailureCode, message: str, field: str = "") -> None:
    """The sweep can't go on."""
    sweep = change.sweep
    sweep.failure_code = code.value
    sweep.failure_message = message
    sweep.failure_field = field
    sweep.save(update_fields=["failure_code", "failure_message", "failure_field"])
    finish_sweep(change, SweepState.FAIL)


def finish_sweep(change: Change, state: SweepState, user: User | None = None) -> None:
    """End the sweep: trials that have not ended are cancelled, what runs is lost to the sweep. `user`: who asked."""
    sweep = change.sweep
    now = timezone.now()
    attempts = {
        attempt.trial_id: attempt
        for attempt in Attempt.objects.filter(trial__sweep=sweep, state=AttemptState.RUNNING.value).select_related(
            "job__runner"
        )
    }
    for attempt in attempts.values():
        lose(attempt, now, CANCELLED, FailureCode.CANCELLED.value)
    Attempt.objects.bulk_update(attempts.values(), ATTEMPT_FIELDS, batch_size=100)
    open_trials = list(
        Trial.objects.filter(sweep=sweep, state__in=[TrialState.WAITING.value, TrialState.RUNNING.value])
    )
    for trial in open_trials:
        trial.state = TrialState.CANCELLED.value
        trial.granted_to = None
        trial.order = ""
        trial.finished_at = now
        if trial.params is not None:
            change.trial(trial, attempts.get(trial.pk))
    Trial.objects.bulk_update(open_trials, TRIAL_FIELDS, batch_size=50)
    sweep.state = state.value
    sweep.finished_at = now
    sweep.save(update_fields=["state", "finished_at"])
    note(sweep, state.value, user=user)
    change.state = True


def _conclude(change: Change, counts: dict[str, int], counted: int) -> None:
    """The sweep has all it will get."""
    if not counted:
        finish_sweep(change, SweepState.CANCELLED)
    elif counts["fail"] == counted:
        fail_sweep(change, FailureCode.TOO_MANY_FAILURES, why_all_failed(change.sweep))
    else:
        finish_sweep(change, SweepState.COMPLETE)


def _counts(sweep: Sweep) -> dict[str, int]:
    counts = {state.value: 0 for state in TrialState}
    counts.update(dict(Trial.objects.filter(sweep=sweep).order_by().values_list("state").annotate(Count("pk"))))
    return counts
