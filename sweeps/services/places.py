"""Room for trials that people add: places of the budget, and sweeps that have ended."""

from django.utils import timezone

from runners.protocol.script import is_script
from runners.protocol.states import SweepState, TrialState, Wanted
from sweeps.models import Sweep, SweepAct, Trial
from sweeps.queries.room import LIVE
from sweeps.services.control import NotNow
from sweeps.services.publish import Change
from sweeps.services.schedule import schedule_on_commit
from sweeps.services.wanted import is_over

ADDED = "trial added"
"""The timeline's word; its detail says in `grew` whether the sweep had no place left for the trial."""


def taken(sweep: Sweep) -> int:
    """Places of the budget that are used: trials that count, run or wait."""
    return Trial.objects.filter(sweep=sweep).exclude(state=TrialState.CANCELLED.value).count()


def took_a_place(sweep: Sweep, trial: Trial) -> bool:
    """Whether a place was made for this trial alone, which goes with it."""
    if trial.origin == "drawn":
        return False
    return SweepAct.objects.filter(sweep=sweep, verb=ADDED, detail__number=trial.number, detail__grew=True).exists()


def open_ended(sweep: Sweep) -> bool:
    """Whether a script decides how many trials there are."""
    return bool((sweep.spec or {}).get("open_ended"))


def may_take_more(sweep: Sweep) -> None:
    """NotNow when no trial can be added: a draft, a sweep that is being stopped, one that still holds a runner."""
    if sweep.state == SweepState.DRAFT.value:
        raise NotNow("The sweep has not started: change the draft instead.")
    if is_over(sweep):
        if sweep.jobs.filter(state__in=LIVE).exists():
            raise NotNow("A runner is still ending the sweep's last trials. Try again in a moment.")
    elif sweep.wanted in {Wanted.STOP.value, Wanted.CANCEL.value}:
        raise NotNow("The sweep is being stopped. Add trials when it has ended.")


def make_room(sweep: Sweep, change: Change, *, always: bool) -> bool:
    """A place for one more trial; True when the budget had to grow. `always`: even where a place is left.

    A sweep that has ended is queued again, with no more places than its trials and this one.
    """
    if is_over(sweep):
        reopen(sweep, change, taken(sweep) + 1)
        return True
    if not always and taken(sweep) < sweep.n_trials:
        return False
    sweep.n_trials += 1
    sweep.save(update_fields=["n_trials"])
    change.state = True
    return True


def reopen(sweep: Sweep, change: Change, n_trials: int, timeout_s: float | None = None) -> None:
    """A sweep that has ended goes on, until `n_trials` count. `timeout_s`: from its first start; None is no limit."""
    sweep.n_trials = n_trials
    sweep.timeout_s = timeout_s
    sweep.state = SweepState.QUEUED.value
    sweep.wanted = Wanted.RUN.value
    sweep.queued_at = timezone.now()
    sweep.finished_at = sweep.archived_at = None
    sweep.failure_code = sweep.failure_message = sweep.failure_field = ""
    sweep.save()
    change.state = True
    if not is_script(sweep.spec):
        schedule_on_commit()
