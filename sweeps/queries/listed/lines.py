"""The best value so far of each sweep, trial by trial: a small line beside its name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Case, F, FloatField, Min, Q, RowRange, When, Window

from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial

Steps = list[tuple[int, float]]
"""`(number, value)` of each complete trial that beat all with lower numbers, by number."""

KEPT_S: Final = 24 * 3600
WIDTH: Final = 96
HEIGHT: Final = 24
MARGIN: Final = 2


def best_lines(sweeps: Iterable[Sweep]) -> dict[int, Steps]:
    """Primary key → its steps by the first objective; sweeps without one are left out. One query at most.

    A sweep's line is kept until its position moves, so a long list of finished sweeps costs nothing.
    """
    named = {_key(sweep): sweep for sweep in sweeps if direction_of(sweep)}
    kept: dict[str, Steps] = cache.get_many(named)
    new = {key: sweep for key, sweep in named.items() if key not in kept}
    if new:
        found = _read(new.values())
        fresh = {key: found.get(sweep.pk, []) for key, sweep in new.items()}
        cache.set_many(fresh, KEPT_S)
        kept.update(fresh)
    return {named[key].pk: [(int(number), float(value)) for number, value in steps] for key, steps in kept.items()}


def direction_of(sweep: Sweep) -> str:
    """Of its first objective; empty for a draft."""
    objective = first_objective(sweep)
    return str(objective.get("direction", ""))


def first_objective(sweep: Sweep) -> Mapping[str, Any]:
    """`{"metric", "direction", …}`, empty for a draft."""
    objectives: Sequence[Mapping[str, Any]] = (sweep.spec or {}).get("objectives") or ()
    return objectives[0] if objectives else {}


def drawn(steps: Steps, last: int) -> str:
    """The steps as points of an SVG polyline in a box of `WIDTH` by `HEIGHT`, the larger value above. Empty for none.

    `last`: the newest trial's number, at which the line ends.
    """
    if not steps:
        return ""
    low, high = min(value for _, value in steps), max(value for _, value in steps)
    end = max(last, steps[-1][0], 1)

    def x(number: int) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * number / end, 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * share, 1)

    points = [(x(steps[0][0]), y(steps[0][1]))]
    for number, value in steps[1:]:
        points += [(x(number), points[-1][1]), (x(number), y(value))]
    points.append((x(end), points[-1][1]))
    return " ".join(f"{left:g},{top:g}" for left, top in points)


def _read(sweeps: Iterable[Sweep]) -> dict[int, Steps]:
    directions = {sweep.pk: direction_of(sweep) for sweep in sweeps}
    upwards = [pk for pk, direction in directions.items() if direction == "maximize"]
    signed: Any = F("value")
    if upwards:
        signed = Case(When(sweep__in=upwards, then=-F("value")), default=F("value"), output_field=FloatField())
    before = Window(
        Min("signed"), partition_by=[F("sweep")], order_by=F("number").asc(), frame=RowRange(start=None, end=-1)
    )
    trials = (
        Trial.objects.filter(sweep__in=list(directions), state=TrialState.COMPLETE.value, value__isnull=False)
        .order_by()
        .annotate(signed=signed)
        .annotate(before=before)
        .filter(Q(before__isnull=True) | Q(signed__lt=F("before")))
    )
    lines: dict[int, Steps] = {}
    for pk, number, value in trials.values_list("sweep_id", "number", "value"):
        if value is not None:
            lines.setdefault(pk, []).append((number, value))
    return {pk: sorted(steps) for pk, steps in lines.items()}


def _key(sweep: Sweep) -> str:
    return f"best-line:{sweep.public_id}:{sweep.position}"
