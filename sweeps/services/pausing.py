"""A sweep that rests: no trial starts, no runner is held, and nothing is lost."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from runners.protocol.script import is_script
from runners.protocol.states import SweepState, TrialState, Wanted
from sweeps.models import Sweep, SweepAct, Trial
from sweeps.services.acts import note
from sweeps.services.control import NotNow, under_way, wake_runners, withdraw_offer
from sweeps.services.finish import settle
from sweeps.services.locking import lock_sweep
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit
from sweeps.services.trial_orders import newest_attempt
from teams.models import User


@transaction.atomic
def pause_sweep(*, sweep: Sweep, user: User | None, checkpoint: bool = False) -> Sweep:
    """No new trials; those that run finish, or (`checkpoint`) write one and leave. Then the runner is free.

    Again: no effect, but a checkpoint may still be asked for. NotNow for a sweep that is not under way or stops.
    """
    sweep = lock_sweep(sweep.pk)
    under_way(sweep, "pause")
    if sweep.wanted in {Wanted.STOP.value, Wanted.CANCEL.value}:
        raise NotNow("The sweep is being stopped. Extend it when it has ended, if it is to go on.")
    if checkpoint and is_script(sweep.spec):
        raise NotNow("A person's own script trains here, which hpweb can't tell to leave at a checkpoint. Pause only.")
    change = Change(sweep)
    if sweep.wanted != Wanted.PAUSE.value:
        sweep.wanted = Wanted.PAUSE.value
        sweep.save(update_fields=["wanted"])
        change.state = True
        note(sweep, "pause", user=user, checkpoint=checkpoint)
    if checkpoint:
        _order_checkpoints(sweep, change)
    withdraw_offer(sweep, "The sweep was paused.")
    wake_runners(sweep)
    settle(change)
    change.publish()
    return sweep


@transaction.atomic
def resume_sweep(*, sweep: Sweep, user: User | None) -> Sweep:
    """A paused sweep goes on; its timeout moves by the time it rested. Again: no effect. NotNow for another one."""
    sweep = lock_sweep(sweep.pk)
    under_way(sweep, "resume")
    if sweep.wanted == Wanted.RUN.value and sweep.state != SweepState.PAUSED.value:
        return sweep
    if sweep.wanted in {Wanted.STOP.value, Wanted.CANCEL.value}:
        raise NotNow("The sweep is being stopped. Extend it when it has ended, if it is to go on.")
    fields = ["wanted", "state", "timeout_s"]
    sweep.wanted = Wanted.RUN.value
    if sweep.state == SweepState.PAUSED.value:
        sweep.state = SweepState.QUEUED.value
        sweep.timeout_s = _moved(sweep, timezone.now())
    sweep.save(update_fields=fields)
    note(sweep, "resume", user=user)
    change = Change(sweep, state=True)
    for trial in Trial.objects.filter(sweep=sweep, order="checkpoint"):
        trial.order = ""
        trial.save(update_fields=["order"])
        change.trial(trial, newest_attempt(trial))
    wake_runners(sweep)
    settle(change)
    change.publish()
    schedule_on_commit()
    return sweep


def _order_checkpoints(sweep: Sweep, change: Change) -> None:
    for trial in Trial.objects.filter(sweep=sweep, state=TrialState.RUNNING.value, order=""):
        trial.order = "checkpoint"
        trial.save(update_fields=["order"])
        change.trial(trial, newest_attempt(trial))


def _moved(sweep: Sweep, now: datetime) -> float | None:
    """The timeout, later by as long as the sweep has rested."""
    rested = SweepAct.objects.filter(sweep=sweep, verb="paused").last()
    if sweep.timeout_s is None or sweep.started_at is None or rested is None:
        return sweep.timeout_s
    return sweep.timeout_s + max(0.0, (now - rested.at).total_seconds())
