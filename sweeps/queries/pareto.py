"""The Pareto set: trials that no other trial beats in every objective."""

from collections.abc import Sequence
from typing import Any

from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial

Point = tuple[float, ...]


def pareto_numbers(sweep: Sweep) -> list[int]:
    """Numbers of the best trials of a sweep with several objectives, ascending; empty for one objective."""
    objectives: list[dict[str, Any]] = (sweep.spec or {}).get("objectives") or []
    if len(objectives) < 2:
        return []
    signs = [-1.0 if objective["direction"] == "maximize" else 1.0 for objective in objectives]
    trials = Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value).values_list("number", "values")
    points = {
        number: tuple(sign * float(value) for sign, value in zip(signs, values, strict=True))
        for number, values in trials
        if len(values) == len(signs)
    }
    return sorted(front(points))


def front(points: dict[int, Point]) -> list[int]:
    """Keys of the points that none dominates, all objectives to be minimised. Equal points are all kept."""
    kept: list[int] = []
    # In lexicographic order a point is only ever dominated by an earlier one.
    for number in sorted(points, key=lambda key: (points[key], key)):
        if not any(_dominates(points[other], points[number]) for other in kept):
            kept.append(number)
    return kept


def _dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(mine <= theirs for mine, theirs in zip(one, other, strict=True)) and tuple(one) != tuple(other)
