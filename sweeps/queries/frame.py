"""Every trial of a sweep as columns, in order of number: what charts and the page's table are drawn from.

Columns, because ten thousand trials as ten thousand objects cost the server, the wire and the browser ten times as much.
Numbers are rounded to six significant digits: a chart needs no more, and the pages with exact ones are elsewhere.
"""

import math
from datetime import datetime
from typing import Any, Final, NotRequired

from typing_extensions import TypedDict

from runners.protocol.base import Scalar
from runners.protocol.states import TrialState
from sweeps.models import Attempt, Job, Sweep
from sweeps.queries.frame_params import ParamColumn, param_columns
from sweeps.queries.rows import visible_trials

STATES: Final = [state.value for state in TrialState]
DIGITS: Final = 6


class ObjectiveColumn(TypedDict):
    """`values`: one per trial, null where it has none or it is not finite."""

    name: str
    direction: str
    values: list[float | None]


class Reported(TypedDict):
    """The last value that trials without one reported, by trial number."""

    number: list[int]
    value: list[float]


class Frame(TypedDict):
    """All lists are one long, but for `states`, `runners` and `reported`. `state` and `runner` point into those.

    `duration`: s. `started`: s since `start`, which is the sweep's, in s
    since 1970. `version`: of the space. `reported`: where there is one objective.
    """

    position: int
    states: list[str]
    number: list[int]
    state: list[int]
    objectives: list[ObjectiveColumn]
    params: list[ParamColumn]
    duration: list[float | None]
    started: list[float | None]
    start: float | None
    runners: list[str]
    runner: list[int | None]
    version: list[int]
    reported: NotRequired[Reported]


def frame(sweep: Sweep) -> Frame:
    """The frame of a sweep as it stands at its position or later. A handful of queries, however many trials.

    A page applies the messages above the position to it. Rows are whole, so one that is in it already does no harm.
    """
    position = Sweep.objects.values_list("position", flat=True).get(pk=sweep.pk)
    fields = ("pk", "number", "state", "params", "values", "duration_s", "started_at", "space_version")
    rows: list[tuple[Any, ...]] = list(visible_trials(sweep).values_list(*fields))
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    pks, number, state, params, values, duration, started, version = columns
    runners, runner = _runners(sweep, pks)
    # A script's sweep has no start of its own.
    start = sweep.started_at or min((each for each in started if each), default=None)
    found: Frame = {
        "position": position,
        "states": STATES,
        "number": list(number),
        "state": [STATES.index(each) for each in state],
        "objectives": _objectives(sweep, values),
        "params": param_columns(sweep.spec or {}, params, rounded),
        "duration": [rounded(each) for each in duration],
        "started": [_since(start, each) for each in started],
        "start": start.timestamp() if start else None,
        "runners": runners,
        "runner": runner,
        "version": list(version),
    }
    if len(found["objectives"]) == 1:
        found["reported"] = _reported(sweep)
    return found


def rounded(value: object) -> float | None:
    """A number to six significant digits; None for what is no finite number."""
    # Most are floats, and there are as many as trials times parameters.
    if type(value) is float:
        return float(f"{value:.6g}") if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if -(10**DIGITS) < value < 10**DIGITS:
        return value
    try:
        return float(f"{value:.{DIGITS}g}")
    except OverflowError:
        return None


def _objectives(sweep: Sweep, values: tuple[list[Scalar], ...]) -> list[ObjectiveColumn]:
    wanted: list[dict[str, Any]] = (sweep.spec or {}).get("objectives") or []
    return [
        {
            "name": str(objective["metric"]),
            "direction": str(objective["direction"]),
            "values": [rounded(each[place]) if place < len(each) else None for each in values],
        }
        for place, objective in enumerate(wanted)
    ]


def _since(start: datetime | None, at: datetime | None) -> float | None:
    return None if start is None or at is None else round((at - start).total_seconds(), 1)


def _runners(sweep: Sweep, pks: tuple[int, ...]) -> tuple[list[str], list[int | None]]:
    """The runners' names, and of each trial the place of the one that trains or trained its newest attempt."""
    names = dict(Job.objects.filter(sweep=sweep).values_list("pk", "runner__name"))
    jobs = dict(Attempt.objects.filter(trial__sweep=sweep).order_by("index").values_list("trial_id", "job_id"))
    known = sorted({name for name in names.values() if name})
    places: dict[Any, int] = {pk: known.index(name) for pk, name in names.items() if name}
    return known, [places.get(jobs.get(pk)) for pk in pks]


def _reported(sweep: Sweep) -> Reported:
    """Only of trials without a value: the others' reports need not be read."""
    found: Reported = {"number": [], "value": []}
    without = visible_trials(sweep).filter(value=None).exclude(intermediate=[])
    for number, intermediate in without.values_list("number", "intermediate"):
        value = rounded(intermediate[-1][2])
        if value is not None:
            found["number"].append(number)
            found["value"].append(value)
    return found
