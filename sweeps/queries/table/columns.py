"""The columns of a sweep's table: what can be shown, sorted and filtered by."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from django.db.models import Q

from runners.protocol.script import is_script
from runners.protocol.space import CategoricalParameter, SearchSpace
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial
from sweeps.queries.rows import visible_trials

Kind = Literal["number", "duration", "since", "text", "tags", "truth", "any", "words"]
"""`duration`: seconds. `since`: a moment, in filters as the seconds since the sweep's start. `any`: numbers or text, as
each trial has it. `words`: only to be shown."""

LOOKED_AT: Final = 20
"""Of so many trials at each end the names of metrics, and of a script's parameters, are taken."""
STATES: Final = tuple(state.value for state in TrialState)


@dataclass(frozen=True)
class Column:
    """`id`: in addresses, as `param:learning_rate`. `part`: what stands before the colon, `key` after it.

    `names`: how a filter may call it. `choices`: all that it can be, where that is known. `usual`: shown unless a person
    chooses otherwise. `place`: of an objective. `start`: what moments are counted from, in s since 1970.
    """

    id: str
    label: str
    kind: Kind
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    group: str = "Trial"
    usual: bool = False
    place: int = 0
    start: float = 0.0

    @property
    def part(self) -> str:
        return self.id.partition(":")[0]

    @property
    def key(self) -> str:
        return self.id.partition(":")[2]

    @property
    def numeric(self) -> bool:
        """Whether figures stand in it, which are aligned at the right."""
        return self.kind in {"number", "duration", "any"}

    @property
    def sortable(self) -> bool:
        return self.kind not in {"words", "tags"}


@dataclass(frozen=True)
class Columns:
    """All of a sweep's, in their usual order."""

    all: tuple[Column, ...]
    _named: dict[str, Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column in self.all:
            self._named.setdefault(column.id, column)
        # A parameter before a metric of the same name; either can be told from the other as `param:x` and `metric:x`.
        for column in self.all:
            for name in column.names:
                self._named.setdefault(name, column)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.all)

    def find(self, name: str) -> Column | None:
        """By id or by one of its names. Any metric can be named in full, also one that was not met yet."""
        found = self._named.get(name) or self._named.get(name.lower())
        if found is not None:
            return found
        part, _, key = name.partition(":")
        if part in {"metric", "best"} and key and "\0" not in key:
            return _metric(key) if part == "metric" else _best(key)
        return None

    def like(self, name: str) -> str | None:
        """The name that was probably meant."""
        close = difflib.get_close_matches(name, self.names(), n=1, cutoff=0.6)
        return close[0] if close else None

    def names(self) -> list[str]:
        """One name of each column that a filter can use."""
        first = (column.names[0] if column.names else column.id for column in self.all if column.kind != "words")
        return list(dict.fromkeys(first))


def columns_of(sweep: Sweep) -> Columns:
    """The columns of this sweep. One query, whose size does not depend on the number of trials."""
    spec: dict[str, Any] = sweep.spec or {}
    met_params, met_metrics = _met(sweep)
    objectives = [str(row["metric"]) for row in spec.get("objectives") or ()]
    params = list(_params(spec, met_params))
    found = [
        Column("number", "#", "number", ("number",), usual=True),
        Column("state", "State", "text", ("state",), STATES, usual=True),
        *_values(objectives),
        Column("latest", "Latest", "words", usual=True),
        Column("duration", "Duration", "duration", ("duration",), usual=True),
        *params,
        Column("tags", "Tags", "tags", ("tag", "tags")),
        Column("note", "Note", "text", ("note",)),
        Column("starred", "Star", "truth", ("starred", "star")),
        Column(
            "started", "Started", "since", ("started",), start=sweep.started_at.timestamp() if sweep.started_at else 0.0
        ),
        Column("runner", "Runner", "text", ("runner",)),
        Column("seed", "Seed", "number", ("seed",)),
        Column("origin", "Origin", "text", ("origin",), ("drawn", "enqueued", "retry")),
        Column("version", "Space version", "number", ("version",)),
        Column("failure", "Failure", "text", ("failure",)),
        Column("message", "Failure message", "text", ("message",)),
        *(_metric(name) for name in met_metrics),
        *(_best(name) for name in met_metrics if name in objectives),
    ]
    return Columns(tuple(found))


def _values(objectives: list[str]) -> Iterator[Column]:
    for place, metric in enumerate(objectives or ["Value"]):
        names = (metric, "value") if place == 0 else (metric,)
        yield Column(f"value:{place}", metric, "number", names, group="Objectives", usual=True, place=place)


def _params(spec: dict[str, Any], met: dict[str, None]) -> Iterator[Column]:
    space = SearchSpace.model_validate(spec["space"]) if "space" in spec else SearchSpace()
    rows = {row.name: row for row in space.parameters}
    derived = [row.name for row in space.derived]
    given = spec.get("names") or [] if is_script(spec) else []
    for name in dict.fromkeys([*rows, *derived, *given, *met]):
        row = rows.get(name)
        kind: Kind = "any"
        choices: tuple[str, ...] = ()
        if isinstance(row, CategoricalParameter):
            kind, choices = _categorical(row)
        elif row is not None:
            kind = "number"
        usual = name in rows or name in given or not spec.get("space")
        yield Column(f"param:{name}", name, kind, (name,), choices, "Parameters", usual)


def _categorical(row: CategoricalParameter) -> tuple[Kind, tuple[str, ...]]:
    if all(isinstance(choice, int | float) and not isinstance(choice, bool) for choice in row.choices):
        return "number", ()
    if any(isinstance(choice, int | float) and not isinstance(choice, bool) for choice in row.choices):
        return "any", ()
    words = [
        str(choice).lower() if isinstance(choice, bool) else str(choice) for choice in row.choices if choice is not None
    ]
    return "text", tuple(words)


def _metric(name: str) -> Column:
    return Column(f"metric:{name}", name, "number", (name,), group="Metrics, last")


def _best(name: str) -> Column:
    return Column(f"best:{name}", f"best {name}", "number", (f"best:{name}",), group="Metrics, best")


def _met(sweep: Sweep) -> tuple[dict[str, None], list[str]]:
    """Names of parameters and metrics in the first and the newest trials."""
    trials = visible_trials(sweep).values("pk")
    ends = Q(pk__in=trials[:LOOKED_AT]) | Q(pk__in=trials.order_by("-number")[:LOOKED_AT])
    params: dict[str, None] = {}
    metrics: dict[str, None] = {}
    for drawn, last in Trial.objects.filter(ends).order_by("number").values_list("params", "last"):
        params.update(dict.fromkeys(drawn or ()))
        metrics.update(dict.fromkeys(last or ()))
    return params, sorted(metrics)
