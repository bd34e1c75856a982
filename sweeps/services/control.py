"""The verbs a person has for a sweep: start, stop, cancel."""

from django.db import transaction
from django.utils import timezone

from runners.protocol.states import JobState, SweepState, Wanted
from sweeps.models import Job, Sweep
from sweeps.services.acts import note
from sweeps.services.finish import finish_sweep, settle
from sweeps.services.locking import lock_sweep
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit, wake_on_commit
from sweeps.services.specs import freeze
from sweeps.services.wanted import is_over
from teams.models import User


class NotNow(Exception):
    """The verb does not fit the sweep's state; the text is a sentence for people."""


@transaction.atomic
def start_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """Freeze the draft's spec and queue it. `sweeps.validation.problems.Invalid` for a draft that can't start."""
    sweep = lock_sweep(sweep.pk)
    if sweep.state != SweepState.DRAFT.value:
        raise NotNow("The sweep was started already.")
    spec = freeze(sweep=sweep)
    sweep.spec = spec.model_dump(mode="json")
    sweep.n_trials = spec.budget.n_trials
    sweep.timeout_s = spec.budget.timeout_s
    sweep.state = SweepState.QUEUED.value
    sweep.queued_at = timezone.now()
    sweep.save(update_fields=["spec", "n_trials", "timeout_s", "state", "queued_at"])
    note(sweep, "started", user=user)
    Change(sweep, state=True).publish()
    schedule_on_commit()
    return sweep


@transaction.atomic
def stop_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """No new trials; the current ones finish. Again: no effect. NotNow for a sweep that isn't under way."""
    sweep = lock_sweep(sweep.pk)
    under_way(sweep, "stop")
    if sweep.wanted in {Wanted.STOP.value, Wanted.CANCEL.value}:
        return sweep
    sweep.wanted = Wanted.STOP.value
    sweep.save(update_fields=["wanted"])
    note(sweep, "stopped", user=user)
    change = Change(sweep, state=True)
    withdraw_offer(sweep)
    wake_runners(sweep)
    settle(change)
    change.publish()
    return sweep


@transaction.atomic
def cancel_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """End the sweep now, and its running trials with it. Again: no effect. NotNow for a sweep that isn't under way."""
    sweep = lock_sweep(sweep.pk)
    if sweep.state == SweepState.CANCELLED.value:
        return sweep
    under_way(sweep, "cancel")
    sweep.wanted = Wanted.CANCEL.value
    sweep.save(update_fields=["wanted"])
    change = Change(sweep, state=True)
    withdraw_offer(sweep)
    wake_runners(sweep)
    finish_sweep(change, SweepState.CANCELLED, user=user)
    change.publish()
    return sweep


def under_way(sweep: Sweep, verb: str) -> None:
    """NotNow unless the sweep has started and not ended."""
    if sweep.state == SweepState.DRAFT.value:
        raise NotNow(f"The sweep has not started, so there is nothing to {verb}.")
    if is_over(sweep):
        raise NotNow(f"The sweep has ended ({sweep.state}), so there is nothing to {verb}.")


def withdraw_offer(sweep: Sweep, why: str = "The sweep was stopped.") -> None:
    """Take back what no runner has claimed yet."""
    Job.objects.filter(sweep=sweep, state=JobState.OFFERED.value).update(
        state=JobState.RELEASED.value, finished_at=timezone.now(), failure_message=why
    )


def wake_runners(sweep: Sweep) -> None:
    """Have the sweep's runners ask at once; without, they would hear of it with their next batch."""
    for job in Job.objects.filter(sweep=sweep, state=JobState.RUNNING.value).select_related("runner"):
        if job.runner is not None:
            wake_on_commit(job.runner, job)
