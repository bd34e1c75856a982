"""How an attempt's outcome becomes its trial's, and a trial the sweep's best."""

from datetime import datetime
from typing import Final

from django.db.models import Max

from runners.protocol.states import COUNTED_TRIAL, FINISHED_TRIAL, AttemptState, TrialState
from sweeps.models import Attempt, Sweep, Trial
from sweeps.services.figures import finite, is_better

OUTCOME_FIELDS: Final = (
    "values",
    "intermediate",
    "changes",
    "last",
    "best",
    "timings",
    "duration_s",
    "failure_code",
    "failure_message",
    "traceback",
    "started_at",
    "finished_at",
)
ATTEMPT_FIELDS: Final = [*OUTCOME_FIELDS, "state"]
"""What is saved of an attempt that exists already."""
TRIAL_FIELDS: Final = [
    *OUTCOME_FIELDS,
    *("state", "params", "value", "seed", "optuna_number", "granted_to", "granted_attempt", "finished_order"),
    *("order", "stopped"),
]
"""What is saved of a trial."""
FINISHED: Final = frozenset(state.value for state in FINISHED_TRIAL)
COUNTED: Final = frozenset(state.value for state in COUNTED_TRIAL)


def is_finished(trial: Trial) -> bool:
    return trial.state in FINISHED


def copy_outcome(attempt: Attempt, trial: Trial) -> None:
    """Give the trial what its attempt has so far; both are still to be saved."""
    for name in OUTCOME_FIELDS:
        setattr(trial, name, getattr(attempt, name))
    trial.value = finite(attempt.values[0]) if attempt.values else None


def begin_again(trial: Trial) -> None:
    """Back to `waiting` with the same number and parameters, nothing of the lost attempt left.

    That it is to end early still holds for its next attempt; that it is to leave was done by its loss.
    """
    trial.state = TrialState.WAITING.value
    trial.granted_to = None
    trial.value = None
    if trial.order == "checkpoint":
        trial.order = ""
    copy_outcome(Attempt(), trial)


def lose(attempt: Attempt, at: datetime, message: str, code: str = "runner_lost") -> None:
    """The attempt ended without an outcome."""
    attempt.state = AttemptState.LOST.value
    attempt.failure_code = code
    attempt.failure_message = message
    attempt.finished_at = at


def next_order(sweep: Sweep) -> int:
    """The place in finishing order of the next trial that ends."""
    last = Trial.objects.filter(sweep=sweep).aggregate(last=Max("finished_order"))["last"]
    return (last or 0) + 1


def beats_best(sweep: Sweep, trial: Trial) -> bool:
    """Whether a complete trial is better than the sweep's best; of equal ones the lower number is."""
    if trial.state != TrialState.COMPLETE.value or trial.value is None:
        return False
    objectives = (sweep.spec or {}).get("objectives") or [{"metric": "", "direction": "minimize"}]
    if len(objectives) > 1:
        return False  # no trial alone is the best: see `queries.pareto`
    direction = str(objectives[0]["direction"])
    best = sweep.best_trial
    if best is None:
        return True
    return is_better(trial.value, best.value, direction) or (trial.value == best.value and trial.number < best.number)
