"""Best trials at the edge of the space: what they say of its bounds."""

import math
from typing import Final, TypedDict

from runners.protocol.script import is_script
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from runners.protocol.spec import SweepSpec
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial
from sweeps.validation.amendment import RowChange, amended

TOP: Final = 3
NEAR: Final = 0.02
"""Within this part of the range a value stands on its end."""


class Edge(TypedDict):
    """`side`: "low" or "high"; `bound`: where it is; `proposal`: where it might be instead."""

    name: str
    side: str
    bound: float
    proposal: float


def edges(sweep: Sweep) -> list[Edge]:
    """Parameters at whose end the three best trials all stand, and which the space may be extended at.

    None for several objectives, whose best trials are not three, and for spaces that cannot be amended.
    """
    if sweep.spec is None or is_script(sweep.spec) or len(sweep.spec.get("objectives", ())) != 1:
        return []
    sign = "-" if sweep.spec["objectives"][0]["direction"] == "maximize" else ""
    trials = Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value, value__isnull=False)
    best = [params or {} for params in trials.order_by(f"{sign}value", "number").values_list("params", flat=True)[:TOP]]
    if len(best) < TOP:
        return []
    spec = SweepSpec.model_validate(sweep.spec)
    found: list[Edge] = []
    for row in spec.space.parameters:
        if isinstance(row, CategoricalParameter) or row.low == row.high:
            continue
        values = [params.get(row.name) for params in best]
        numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
        side = _side(row, numbers) if len(numbers) == TOP else ""
        proposal = _beyond(row, side) if side else None
        if proposal is None:
            continue
        change = RowChange.model_validate({side: proposal})
        if amended(spec, {row.name: change})[0] is not None:
            bound = row.low if side == "low" else row.high
            found.append({"name": row.name, "side": side, "bound": bound, "proposal": proposal})
    return found


def _side(row: FloatParameter | IntParameter, values: list[float]) -> str:
    low, high = _scaled(row, row.low), _scaled(row, row.high)
    parts = [(_scaled(row, value) - low) / (high - low) for value in values]
    if all(part <= NEAR for part in parts):
        return "low"
    return "high" if all(part >= 1 - NEAR for part in parts) else ""


def _scaled(row: FloatParameter | IntParameter, value: float) -> float:
    return math.log(value) if row.log and value > 0 else float(value)


def _beyond(row: FloatParameter | IntParameter, side: str) -> float | None:
    """Ten times as far on a log scale (twice for whole numbers), half the range more on a plain one."""
    if row.log:
        factor = 2 if isinstance(row, IntParameter) else 10
        if isinstance(row, IntParameter):
            moved: float = row.high * factor if side == "high" else max(1, row.low // factor)
        else:
            moved = row.high * factor if side == "high" else row.low / factor
    else:
        span = row.high - row.low
        more: float
        more = span / 2 if row.step is None else max(1, round(span / 2 / row.step)) * row.step
        moved = row.high + more if side == "high" else row.low - more
        if side == "low" and row.low >= 0 > moved:
            moved = 0
    if isinstance(row, IntParameter):
        moved = int(moved)
    elif row.step is None:
        moved = float(f"{moved:.6g}")
    return None if moved == (row.high if side == "high" else row.low) else moved
