"""Trials that a person makes or repeats. They wait as any other, and are granted before new ones are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from runners.protocol.base import Scalar
from runners.protocol.script import ScriptSpec, is_script
from runners.protocol.space import SearchSpace
from runners.protocol.spec import SweepSpec
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial
from sweeps.services.acts import note
from sweeps.services.control import NotNow, wake_runners
from sweeps.services.locking import lock_sweep
from sweeps.services.outcome import is_finished
from sweeps.services.places import ADDED, make_room, may_take_more
from sweeps.services.publish import Change
from sweeps.services.trial_orders import lock_trial
from sweeps.validation.params import check_params
from sweeps.validation.problems import refuse
from teams.models import User


@dataclass(frozen=True)
class Added:
    """A trial that waits now. `grew`: the sweep had no place left for it, so its number of trials grew by one."""

    trial: Trial
    grew: bool


@transaction.atomic
def enqueue_trial(*, sweep: Sweep, user: User | None, params: Mapping[str, object]) -> Added:
    """A trial with these parameters. It takes a place that is left, else the budget grows by one.

    A sweep that has ended goes on with it. `Invalid` for parameters outside of the space, NotNow where none can be added.
    """
    sweep = lock_sweep(sweep.pk)
    may_take_more(sweep)
    values = _checked(sweep, params)
    return _add(sweep, values, user, origin="enqueued")


@transaction.atomic
def retry_trial(*, trial: Trial, user: User | None, changes: Mapping[str, object] | None = None) -> Added:
    """A new trial with the parameters of one that has ended, as they were or with `changes`. The budget grows by one."""
    sweep, trial = lock_trial(trial)
    may_take_more(sweep)
    if not is_finished(trial):
        raise NotNow(f"Trial {trial.number} has not ended ({trial.state}): stop or remove it first.")
    if not trial.params:
        raise NotNow(f"Trial {trial.number} ended before its parameters were drawn. Add a trial instead.")
    values: dict[str, Scalar] = dict(trial.params)
    if changes:
        # A row that no longer acts goes, so that a change of what it depends on needs no second one.
        given = {**values, **changes}
        space = space_of(sweep)
        values = _checked(sweep, given if space is None else _acting(space, given, set(changes)))
    elif sweep.space_version > 1:
        values = _checked(sweep, values)
    return _add(sweep, values, user, origin="retry", retry_of=trial)


@transaction.atomic
def change_trial(*, trial: Trial, user: User | None, params: Mapping[str, object]) -> Trial:
    """Give a trial that a person has made other parameters, while no runner has it."""
    sweep, trial = lock_trial(trial)
    if trial.origin == "drawn":
        raise NotNow(f"Trial {trial.number} was drawn by the search. Add one with your own values instead.")
    if trial.state != TrialState.WAITING.value or trial.granted_to_id is not None or trial.attempts.exists():
        raise NotNow(f"A runner has taken trial {trial.number} already. Add another one instead.")
    before, trial.params = trial.params, _checked(sweep, params)
    trial.space_version = sweep.space_version
    trial.save(update_fields=["params", "space_version"])
    note(sweep, "trial changed", user=user, number=trial.number, before=before, after=trial.params)
    change = Change(sweep)
    change.trial(trial, None)
    change.publish()
    return trial


def space_of(sweep: Sweep) -> SearchSpace | None:
    """The space that the sweep's trials come from; None for a script's whose parameters have none."""
    spec: Any = sweep.spec or {}
    if is_script(spec):
        space = ScriptSpec.model_validate(spec).space
        return space if space.parameters else None
    return SweepSpec.model_validate(spec).space if spec else None


def _checked(sweep: Sweep, params: Mapping[str, object]) -> dict[str, Scalar]:
    space = space_of(sweep)
    if space is None:
        raise NotNow("The script's parameters have no search space here that values could be checked against.")
    values, problems = check_params(space, params, int((sweep.spec or {}).get("processes") or 1))
    refuse(problems)
    return values


def _acting(space: SearchSpace, given: Mapping[str, object], told: set[str]) -> dict[str, object]:
    from runners.optimizers.compile import acts

    values: dict[str, Any] = {name: value for name, value in given.items() if name in told}
    for row in space.parameters:
        if row.name in given and acts(row, values):
            values[row.name] = given[row.name]
    return values


def _add(
    sweep: Sweep, params: Mapping[str, Scalar], user: User | None, *, origin: str, retry_of: Trial | None = None
) -> Added:
    change = Change(sweep)
    grew = make_room(sweep, change, always=retry_of is not None)
    last = Trial.objects.filter(sweep=sweep).aggregate(last=Max("number"))["last"]
    trial = Trial.objects.create(
        sweep=sweep,
        number=0 if last is None else last + 1,
        params=dict(params),
        space_version=sweep.space_version,
        made_by=user,
        origin=origin,
        retry_of=retry_of,
    )
    more = {"retry_of": retry_of.number} if retry_of else {}
    note(sweep, ADDED, user=user, number=trial.number, params=trial.params, grew=grew, **more)
    change.trial(trial, None)
    wake_runners(sweep)
    change.publish()
    return Added(trial, grew)
