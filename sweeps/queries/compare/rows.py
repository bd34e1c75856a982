"""The table of a comparison: a row for each thing that is known, a cell for each trial."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sweeps.queries.compare.trials import Compared
from sweeps.queries.metrics import metric_order

Missing: Final = object()
"""Where a trial has no such parameter or metric: "none" is a value that a parameter can have."""


@dataclass(frozen=True)
class Cell:
    """`differs`: from the base's. `delta`: the difference of two numbers, with its sign; empty where it says nothing."""

    value: Any
    differs: bool = False
    delta: str = ""

    @property
    def absent(self) -> bool:
        return self.value is Missing


@dataclass(frozen=True)
class Row:
    """`kind`: how values are written: "param", "metric", "duration" or "text". `same`: all trials are alike in it.

    `place`: of the rows that differ, counted from 1; 0 where it is none of them.
    """

    label: str
    kind: str
    cells: list[Cell]
    same: bool
    place: int = 0


@dataclass(frozen=True)
class Group:
    label: str
    rows: list[Row]


@dataclass(frozen=True)
class Table:
    """`differing`, `alike`: how many rows."""

    groups: list[Group]
    differing: int
    alike: int


def table(sides: Sequence[Compared], *, hide: bool = False) -> Table:
    """Every row, the first trial as the base. `hide`: without rows in which all are alike."""
    place, alike = 0, 0
    groups: list[Group] = []
    for label, found in _groups(sides):
        rows = []
        for name, kind, values in found:
            same = all(_equal(value, values[0]) for value in values)
            alike += same
            place += not same
            if not (same and hide):
                rows.append(Row(name, kind, _cells(kind, values), same, 0 if same else place))
        if rows:
            groups.append(Group(label, rows))
    return Table(groups, place, alike)


Found = tuple[str, str, list[Any]]


def _groups(sides: Sequence[Compared]) -> Iterator[tuple[str, list[Found]]]:
    def row(label: str, kind: str, of: Callable[[Compared], Any]) -> Found:
        return label, kind, [Missing if (value := of(side)) is None else value for side in sides]

    def by_name(kind: str, of: Callable[[Compared], dict[str, Any]], names: Sequence[str] = ()) -> list[Found]:
        each = [of(side) for side in sides]
        known = names or list(dict.fromkeys(name for one in each for name in one))
        return [(name, kind, [one.get(name, Missing) for one in each]) for name in known]

    objectives = list(dict.fromkeys(metric for side in sides for metric, _ in side.objectives))
    yield (
        "Trial",
        [
            row("Sweep", "text", lambda side: side.sweep.name),
            row("State", "text", lambda side: "failed" if side.trial.state == "fail" else side.trial.state),
        ],
    )
    yield "Objectives", by_name("metric", lambda side: side.values, objectives)
    yield "Parameters", by_name("param", lambda side: side.params)
    first = objectives[0] if objectives else ""
    last = metric_order({name for side in sides for name in side.trial.last}, first)
    yield "Metrics, last", by_name("metric", lambda side: side.trial.last, last)
    best = metric_order({name for side in sides for name in side.trial.best}, first)
    yield "Metrics, best", by_name("metric", lambda side: side.trial.best, best)
    yield (
        "Training",
        [
            row("Duration", "duration", lambda side: side.trial.duration_s),
            row("Seed", "param", lambda side: side.seed),
            row("Task", "text", lambda side: side.spec.task if side.spec else None),
            row("Data set", "text", lambda side: side.data),
            row("Evaluated on", "text", lambda side: side.evaluated_on),
            row("Model", "text", lambda side: side.model),
            row("Backend", "text", lambda side: side.backend),
            row("Sampler", "text", lambda side: side.sampler),
            row("Effective batch", "param", lambda side: side.effective_batch),
            row("Precision", "text", lambda side: side.precision),
        ],
    )
    yield (
        "Machine",
        [
            row("Runner", "text", lambda side: side.runner),
            row("Device", "text", lambda side: side.facts.get("device")),
            row("GPUs", "param", lambda side: side.gpus),
        ],
    )
    names = sorted({name for side in sides for name in side.versions})
    yield "Library versions", by_name("text", lambda side: side.versions, names)


def _cells(kind: str, values: list[Any]) -> list[Cell]:
    base = values[0]
    return [
        Cell(value) if _equal(value, base) else Cell(value, differs=True, delta=_delta(kind, value, base))
        for value in values
    ]


def _equal(one: Any, other: Any) -> bool:
    # True is 1 in Python, and another choice for a person.
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other)


def _delta(kind: str, value: Any, base: Any) -> str:
    numbers = [x for x in (value, base) if isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)]
    if kind == "text" or len(numbers) < 2:
        return ""
    return f"{value - base:+.3g}{' s' if kind == 'duration' else ''}".replace("-", "−")
