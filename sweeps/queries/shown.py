"""Which trials the live page of a sweep is told row by row, and of which the curves. All others are in its frame."""

from collections.abc import Iterable, Sequence
from typing import Final

from runners.protocol.states import TrialState
from sweeps.models import Sweep
from sweeps.queries.rows import visible_trials

ROWS: Final = 100
"""So many rows at least, where there are as many trials."""
LIVE: Final = 500
"""So many trials that run or wait at most."""
LINES: Final = 60
"""Curves of so many trials."""
VALUES: Final = 30_000
"""So many values of all curves together; what a page does not get at once it asks for, metric by metric."""


def shown_numbers(sweep: Sweep, best: Iterable[int]) -> list[int]:
    """Numbers of the trials that run or wait, of the best, and of the newest, ascending."""
    trials = visible_trials(sweep).order_by("-number")
    live = trials.filter(state__in=[TrialState.RUNNING.value, TrialState.WAITING.value])
    numbers = {*live.values_list("number", flat=True)[:LIVE], *list(best)[:ROWS]}
    newest = list(trials.values_list("number", flat=True)[:ROWS])
    return sorted(_filled(numbers, newest, ROWS))


def curve_numbers(states: dict[int, str], best: Iterable[int]) -> list[int]:
    """Of the shown trials (number → state) those whose curves are told: running, best, newest; ascending."""
    running = [number for number, state in states.items() if state == TrialState.RUNNING.value]
    first = {*sorted(running, reverse=True)[:LINES], *[number for number in best if number in states][:LINES]}
    newest = sorted((n for n, state in states.items() if state != TrialState.WAITING.value), reverse=True)
    return sorted(_filled(first, newest, LINES))


def _filled(first: set[int], more: Sequence[int], size: int) -> set[int]:
    """`first`, and as many of `more` as fit."""
    found = set(first)
    for number in more:
        if len(found) >= size:
            break
        found.add(number)
    return found
