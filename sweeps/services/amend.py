"""What may still change in a sweep that has started: how many trials, how long, how many may fail, and its space."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from runners.protocol.script import is_script
from runners.protocol.spec import SweepSpec
from runners.protocol.states import TrialState, Wanted
from sweeps.models import SpaceVersion, Sweep, Trial
from sweeps.services.acts import note
from sweeps.services.control import NotNow, under_way, wake_runners
from sweeps.services.finish import settle
from sweeps.services.locking import lock_sweep
from sweeps.services.places import may_take_more, open_ended, reopen, taken
from sweeps.services.publish import Change
from sweeps.services.wanted import is_over
from sweeps.validation.amendment import RowChange, amended
from sweeps.validation.backend.check import most_trials
from sweeps.validation.params import check_params
from sweeps.validation.problems import Problem, refuse
from sweeps.validation.sweep import MAX_TIMEOUT_S
from teams.models import User

MAX_TRIALS: Final = 100_000
SAME: Final = -1.0
"""For `timeout_s`: as it is."""
SAME_LIMIT: Final = -1
"""For `max_failed_trials`: as it is."""
ITS_OWN = "A person's own script decides how many trials there are."


@transaction.atomic
def extend_sweep(
    *,
    sweep: Sweep,
    user: User | None,
    n_trials: int,
    timeout_s: float | None = None,
    max_failed_trials: int | None = SAME_LIMIT,
) -> Sweep:
    """A sweep that has ended goes on by `n_trials` more; its best stays. `timeout_s`: from now; None is no limit."""
    sweep = lock_sweep(sweep.pk)
    if not is_over(sweep):
        raise NotNow("The sweep has not ended: change its number of trials instead.")
    may_take_more(sweep)
    if open_ended(sweep):
        raise NotNow(ITS_OWN)
    refuse([] if n_trials >= 1 else [Problem("n_trials", "Give 1 trial or more.")])
    total = taken(sweep) + n_trials
    refuse([*_total(sweep, total), *_seconds(timeout_s)])
    before = {"n_trials": sweep.n_trials, **_limit_failed(sweep, max_failed_trials)}
    now = timezone.now()
    elapsed = (now - sweep.started_at).total_seconds() if sweep.started_at else 0.0
    change = Change(sweep)
    reopen(sweep, change, total, None if timeout_s is None else elapsed + timeout_s)
    after = {"n_trials": total, "max_failed_trials": max_failed(sweep)}
    note(sweep, "extended", user=user, by=n_trials, before=before, after={name: after[name] for name in before})
    change.publish()
    return sweep


@transaction.atomic
def amend_budget(
    *,
    sweep: Sweep,
    user: User | None,
    n_trials: int | None = None,
    timeout_s: float | None = SAME,
    max_failed_trials: int | None = SAME_LIMIT,
) -> Sweep:
    """Another number of trials, another timeout (from the first start), another limit of failed trials; None is no limit.

    Not below the trials that have ended, run or wait. With no more than have ended, the sweep ends. The limit of failed
    trials is looked at by the server alone, so no runner must hear of it.
    """
    sweep = lock_sweep(sweep.pk)
    under_way(sweep, "change")
    if open_ended(sweep) and n_trials is not None:
        raise NotNow(ITS_OWN)
    before = {"n_trials": sweep.n_trials, "timeout_s": sweep.timeout_s, "max_failed_trials": max_failed(sweep)}
    _limit_failed(sweep, max_failed_trials)
    if n_trials is not None:
        refuse(_total(sweep, n_trials) if n_trials > sweep.n_trials else [])
        _lower(sweep, n_trials)
        sweep.n_trials = n_trials
    if timeout_s != SAME:
        refuse(_seconds(timeout_s))
        sweep.timeout_s = timeout_s
    after = {"n_trials": sweep.n_trials, "timeout_s": sweep.timeout_s, "max_failed_trials": max_failed(sweep)}
    if after == before:
        return sweep
    sweep.save(update_fields=["n_trials", "timeout_s", "spec"])
    note(sweep, "budget", user=user, before=before, after=after)
    change = Change(sweep, state=True)
    settle(change)
    wake_runners(sweep)
    change.publish()
    return sweep


@transaction.atomic
def amend_space(*, sweep: Sweep, user: User | None, changes: Mapping[str, RowChange]) -> Sweep:
    """A new version of the space. Jobs that draw from the older one hand over; trials keep the version they came from."""
    sweep = lock_sweep(sweep.pk)
    if is_script(sweep.spec):
        raise NotNow("The space is the script's own: change it there.")
    if sweep.spec is None:
        raise NotNow("The sweep has not started: change the draft instead.")
    if sweep.wanted in {Wanted.STOP.value, Wanted.CANCEL.value} and not is_over(sweep):
        raise NotNow("The sweep is being stopped, so no trial would be drawn from another space.")
    spec = SweepSpec.model_validate(sweep.spec)
    space, problems = amended(spec, changes)
    refuse(problems)
    assert space is not None  # without errors there is a space
    refuse(_outside(sweep, space))
    if sweep.space_version == 1:
        SpaceVersion.objects.get_or_create(
            sweep=sweep, version=1, defaults={"space": sweep.spec["space"], "user": sweep.created_by}
        )
    sweep.space_version += 1
    told = space.model_dump(mode="json")
    SpaceVersion.objects.create(sweep=sweep, version=sweep.space_version, space=told, user=user)
    before = _rows(spec.model_dump(mode="json")["space"], changes)
    sweep.spec = {**sweep.spec, "space": told}
    sweep.save(update_fields=["space_version", "spec"])
    note(sweep, "space", user=user, version=sweep.space_version, before=before, after=_rows(told, changes))
    wake_runners(sweep)
    Change(sweep, state=True).publish()
    return sweep


def max_failed(sweep: Sweep) -> int | None:
    """More failed trials than this end the sweep; None is no limit."""
    return ((sweep.spec or {}).get("budget") or {}).get("max_failed_trials")


def _limit_failed(sweep: Sweep, limit: int | None) -> dict[str, int | None]:
    """Set the limit in the spec, unsaved. What it was, by its name; empty where it stays. `Invalid` below what has failed."""
    before = max_failed(sweep)
    if limit == SAME_LIMIT or sweep.spec is None:
        return {}
    if limit is not None:
        failed = Trial.objects.filter(sweep=sweep, state=TrialState.FAIL.value).count()
        problem = ""
        if not 1 <= limit <= MAX_TRIALS:
            problem = f"Give a number from 1 to {MAX_TRIALS}, or none for no limit."
        elif limit < failed:
            problem = (
                f"{failed} trials have failed already. Give {failed} or more, none for no limit, or stop the sweep."
            )
        refuse([Problem("max_failed_trials", problem)] if problem else [])
    if limit == before:
        return {}
    sweep.spec = {**sweep.spec, "budget": {**(sweep.spec.get("budget") or {}), "max_failed_trials": limit}}
    return {"max_failed_trials": before}


def _lower(sweep: Sweep, n_trials: int) -> None:
    """`Invalid` below what is taken. Numbers that were given out and came back unused are let go first."""
    over = taken(sweep) - n_trials
    if over <= 0:
        return
    unused = Trial.objects.filter(
        sweep=sweep, state=TrialState.WAITING.value, params__isnull=True, granted_to=None, attempts=None
    ).order_by("-number")[:over]
    if len(unused) < over:
        least = taken(sweep) - len(unused)
        message = f"{least} trials have ended, run or wait. Give {least} or more, or stop the sweep."
        refuse([Problem("n_trials", message)])
    for trial in unused:
        trial.state = TrialState.CANCELLED.value
        trial.finished_at = timezone.now()
        trial.save(update_fields=["state", "finished_at"])


def _total(sweep: Sweep, n_trials: int) -> list[Problem]:
    if n_trials > MAX_TRIALS:
        return [Problem("n_trials", f"The most is {MAX_TRIALS} trials in all.")]
    if is_script(sweep.spec):
        return []
    spec = SweepSpec.model_validate(sweep.spec)
    most = most_trials(spec.backend, spec.space)
    if most is not None and n_trials > most:
        return [Problem("n_trials", f"The space has only {most} different trials, and each comes once: give {most}.")]
    return []


def _seconds(timeout_s: float | None) -> list[Problem]:
    if timeout_s is None or 0 < timeout_s <= MAX_TIMEOUT_S:
        return []
    return [Problem("timeout_s", "Give a time above 0 and up to 60,000,000 seconds, or none for no limit.")]


def _outside(sweep: Sweep, space: Any) -> list[Problem]:
    """Trials that wait with parameters which the new space has not."""
    waiting = Trial.objects.filter(sweep=sweep, state=TrialState.WAITING.value, params__isnull=False)
    processes = int((sweep.spec or {}).get("processes") or 1)
    for trial in waiting.order_by("number"):
        _, found = check_params(space, trial.params or {}, processes)
        if found:
            name = found[0].path.removeprefix("params").lstrip(".")
            message = f"Trial {trial.number} waits and would be outside: {found[0].message} Remove the trial first."
            return [Problem(f"parameters.{name}" if name else "parameters", message)]
    return []


def _rows(space: dict[str, Any], changes: Mapping[str, RowChange]) -> dict[str, Any]:
    """What the timeline keeps of the rows that changed."""
    return {
        row["name"]: {key: row[key] for key in ("low", "high", "choices", "values") if key in row}
        for row in (*space["parameters"], *space["derived"])
        if row["name"] in changes
    }
