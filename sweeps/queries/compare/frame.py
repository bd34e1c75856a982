"""What the charts of a comparison are drawn from: trials as columns, and one metric's curves."""

from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import TypedDict

from sweeps.queries.compare.trials import Compared
from sweeps.queries.curves import curves
from sweeps.queries.frame import STATES, Frame, ObjectiveColumn, rounded
from sweeps.queries.frame_params import param_columns
from sweeps.queries.metrics import metric_order
from sweeps.queries.shapes import Curve


class Quantity(TypedDict):
    """A column beside those of a sweep's frame. `choices`: values are places in them."""

    id: str
    label: str
    choices: list[str] | None
    values: list[float | int | None]


class ComparedTrial(TypedDict):
    """`name`: short, for people. `sweep`: public id."""

    sweep: str
    number: int
    name: str


class ComparedFrame(TypedDict):
    """`frame`: like a sweep's, but `number` is the place among `trials`, and the objectives are those of all sweeps."""

    trials: list[ComparedTrial]
    frame: Frame
    more: list[Quantity]
    metrics: list[str]


def compared_frame(sides: Sequence[Compared]) -> ComparedFrame:
    """Columns in the order of the trials; a parameter or objective that a trial has not is null there."""
    several = len({side.sweep.pk for side in sides}) > 1
    runners = sorted({side.runner for side in sides if side.runner})
    objectives = _objectives(sides)
    metrics = {name for side in sides for name in side.trial.last} | {column["name"] for column in objectives}
    return {
        "trials": [
            {
                "sweep": side.sweep.public_id,
                "number": side.trial.number,
                "name": f"{side.sweep.name} #{side.trial.number}" if several else f"Trial {side.trial.number}",
            }
            for side in sides
        ],
        "frame": {
            "position": 0,
            "states": STATES,
            "number": list(range(len(sides))),
            "state": [STATES.index(side.trial.state) for side in sides],
            "objectives": objectives,
            "params": param_columns(_spaces(sides), [side.params for side in sides], rounded),
            "duration": [rounded(side.trial.duration_s) for side in sides],
            # Trials of several sweeps have no common start.
            "started": [None] * len(sides),
            "start": None,
            "runners": runners,
            "runner": [runners.index(side.runner) if side.runner else None for side in sides],
            "version": [side.trial.space_version for side in sides],
        },
        "more": _more(sides),
        "metrics": metric_order(metrics, objectives[0]["name"] if objectives else ""),
    }


def compared_curves(sides: Sequence[Compared], metric: str) -> dict[str, dict[str, Any]]:
    """The trial as in an address → its newest attempt's curve of a metric, thinned; without those that have none."""
    attempts = {place: side.attempt for place, side in enumerate(sides) if side.attempt}
    found = sorted(curves(attempts, metric).items())
    return {str(sides[place].ref): _short(of[metric]) for place, of in found}


def _short(curve: Curve) -> dict[str, Any]:
    """Six digits, as in a frame: a chart needs no more, and 200 curves are half as long."""
    value = [number if isinstance(number, str) else rounded(number) for number in curve["value"]]
    return {**curve, "epoch": [rounded(each) for each in curve["epoch"]], "value": value}


def _objectives(sides: Sequence[Compared]) -> list[ObjectiveColumn]:
    directions: dict[str, str] = {}
    for side in sides:
        for metric, direction in side.objectives:
            directions.setdefault(metric, direction)
    return [
        {"name": name, "direction": direction, "values": [rounded(side.values.get(name)) for side in sides]}
        for name, direction in directions.items()
    ]


def _spaces(sides: Sequence[Compared]) -> dict[str, Any]:
    """The union of the spaces' rows: of each name the first, without its condition, whose row may be another sweep's."""
    rows: dict[str, dict[str, Any]] = {}
    for side in {side.sweep.pk: side for side in sides}.values():
        shown = side.spec or side.script
        for row in shown.space.parameters if shown else ():
            rows.setdefault(row.name, {**row.model_dump(mode="json"), "when": None})
    return {"space": {"parameters": list(rows.values())}}


def _more(sides: Sequence[Compared]) -> list[Quantity]:
    numbers: list[tuple[str, str, Callable[[Compared], object]]] = [
        ("effective_batch", "Effective batch", lambda side: side.effective_batch),
        ("gpus", "GPUs", lambda side: side.gpus),
        ("seed", "Seed", lambda side: side.seed),
    ]
    found: list[Quantity] = [
        {"id": f"more:{name}", "label": label, "choices": None, "values": [rounded(of(side)) for side in sides]}
        for name, label, of in numbers
    ]
    for name in sorted({name for side in sides for name in side.trial.last}):
        values = [rounded(side.trial.last.get(name)) for side in sides]
        found.append({"id": f"last:{name}", "label": f"{name}, last", "choices": None, "values": values})
    sweeps = list(dict.fromkeys(side.sweep.name for side in sides))
    places = [sweeps.index(side.sweep.name) for side in sides]
    found.append({"id": "more:sweep", "label": "Sweep", "choices": sweeps, "values": [*places]})
    return found
