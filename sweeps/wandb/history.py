"""Lines of a run's history, as the client streams them, as metric rows."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from runners.protocol.base import write_number

Row = tuple[int, float | None, dict[str, float], float | None]
"""Step, epoch, values, and the objective where it was measured."""

_STEPS: Final = ("train/global_step", "global_step", "_step")
_EPOCHS: Final = ("train/epoch", "epoch")
_NAMED: Final = {"nan": math.nan, "infinity": math.inf, "inf": math.inf, "-infinity": -math.inf, "-inf": -math.inf}
MOST_METRICS: Final = 500
"""Of one line; the rest is left out."""


def rows(lines: Iterable[str], metric: str) -> list[Row]:
    """A row for each line that has a metric. A line that can't be read is left out: it is the script's own."""
    found: list[Row] = []
    for line in lines:
        given = record(line)
        values = {
            name: value
            for name, value in ((name, number(value)) for name, value in list(given.items())[:MOST_METRICS])
            if value is not None and not name.startswith("_") and name not in (*_STEPS, *_EPOCHS)
        }
        step, epoch = _first(given, _STEPS) or 0.0, _first(given, _EPOCHS)
        if values:
            found.append((max(0, int(step)) if math.isfinite(step) else 0, epoch, values, values.get(metric)))
    return found


def _first(given: Mapping[str, Any], names: Iterable[str]) -> float | None:
    """The first of these that the line has."""
    return next((value for value in (number(given.get(name)) for name in names) if value is not None), None)


def record(line: object) -> Mapping[str, Any]:
    """A line's JSON object; an empty one for anything else."""
    try:
        found = json.loads(line) if isinstance(line, str) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def number(value: object) -> float | None:
    """A number as the client writes it (one that is not finite by its name), or None."""
    if isinstance(value, str):
        return _NAMED.get(value.lower())
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def stored(value: float | None) -> float | str | None:
    """A number for JSON."""
    return None if value is None else write_number(value)
