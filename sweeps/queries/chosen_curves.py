"""One metric's curves of chosen trials."""

from typing import Any, Final

from sweeps.models import Sweep
from sweeps.queries.curves import curves
from sweeps.queries.pareto import pareto_numbers
from sweeps.queries.rows import newest_attempts, visible_trials
from sweeps.queries.shown import curve_numbers, shown_numbers

MOST: Final = 200
"""So many trials at once. More lines than that are a surface."""


def chosen_curves(sweep: Sweep, numbers: list[int] | None, metric: str) -> dict[int, dict[str, Any]]:
    """Trial number → its newest attempt's curve, with the attempt's index. `numbers` None: what the live page draws."""
    trials = visible_trials(sweep)
    if numbers is None:
        best = pareto_numbers(sweep) or ([sweep.best_trial.number] if sweep.best_trial else [])
        shown = trials.filter(number__in=shown_numbers(sweep, best))
        numbers = curve_numbers(dict(shown.values_list("number", "state")), best)
    attempts = newest_attempts(trials.filter(number__in=numbers))
    return {
        number: {"attempt": attempts[number].index, **found[metric]}
        for number, found in curves(attempts, metric).items()
    }
