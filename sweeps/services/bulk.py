"""One verb for many sweeps or trials: each by itself, and of each what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from sweeps.access import NOT_YOURS, may_change
from sweeps.models import Sweep, Trial
from sweeps.services.added_trials import retry_trial
from sweeps.services.archive import archive_sweep, restore_sweep
from sweeps.services.control import NotNow, cancel_sweep, start_sweep, stop_sweep
from sweeps.services.pausing import pause_sweep, resume_sweep
from sweeps.services.sweep_tags import tag_sweep, untag_sweep
from sweeps.services.trial_orders import prune_trial, remove_trial, stop_trial
from sweeps.validation.problems import Invalid
from teams.models import User

SWEEP_VERBS: Final[Mapping[str, Callable[[Sweep, User], object]]] = {
    "start": lambda sweep, user: start_sweep(sweep=sweep, user=user),
    "pause": lambda sweep, user: pause_sweep(sweep=sweep, user=user),
    "resume": lambda sweep, user: resume_sweep(sweep=sweep, user=user),
    "stop": lambda sweep, user: stop_sweep(sweep=sweep, user=user),
    "cancel": lambda sweep, user: cancel_sweep(sweep=sweep, user=user),
    "archive": lambda sweep, user: archive_sweep(sweep=sweep, user=user),
    "restore": lambda sweep, user: restore_sweep(sweep=sweep, user=user),
}
TRIAL_VERBS: Final[Mapping[str, Callable[[Trial, User], object]]] = {
    "stop": lambda trial, user: stop_trial(trial=trial, user=user),
    "prune": lambda trial, user: prune_trial(trial=trial, user=user),
    "remove": lambda trial, user: remove_trial(trial=trial, user=user),
    "retry": lambda trial, user: retry_trial(trial=trial, user=user),
}
MOST: Final = 500
"""So many things at a time."""


@dataclass
class Report:
    """`done`: ids or numbers. `refused`: id or number → why."""

    done: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def for_sweeps(*, verb: str, sweeps: Iterable[Sweep], user: User) -> Report:
    """Do the verb with each sweep that the user controls. KeyError for a verb that `SWEEP_VERBS` has not."""
    act = SWEEP_VERBS[verb]

    def controlled(sweep: Sweep) -> None:
        if not may_change(user, sweep):
            raise NotNow(NOT_YOURS)
        act(sweep, user)

    return _each((sweep.public_id, partial(controlled, sweep)) for sweep in sweeps)


def tag_sweeps(*, tag: str, remove: bool, sweeps: Iterable[Sweep], user: User) -> Report:
    """Put the tag at each sweep, or take it from each. One that had it (had it not) is done too."""
    act = untag_sweep if remove else tag_sweep
    return _each((sweep.public_id, partial(act, sweep=sweep, name=tag, user=user)) for sweep in sweeps)


def for_trials(*, verb: str, trials: Iterable[Trial], user: User) -> Report:
    """Do the verb with each trial, by number. KeyError for a verb that `TRIAL_VERBS` has not."""
    act = TRIAL_VERBS[verb]
    return _each((str(trial.number), partial(act, trial, user)) for trial in trials)


def _each(acts: Iterable[tuple[str, Callable[[], object]]]) -> Report:
    report = Report()
    for name, act in acts:
        try:
            act()
        except NotNow as error:
            report.refused[name] = str(error)
        except Invalid as error:
            problem = error.errors()[0]
            report.refused[name] = f"{problem.path}: {problem.message}" if problem.path else problem.message
        else:
            report.done.append(name)
    return report
