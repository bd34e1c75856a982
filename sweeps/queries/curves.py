"""Learning curves and logs."""

from collections.abc import Mapping
from typing import Any, Final, cast

from sweeps.models import Attempt, LogChunk, MetricChunk, Sweep
from sweeps.queries.shapes import Curve, LogLine
from sweeps.queries.thinning import thinned

LOG_TAIL: Final = 200
POINTS: Final = 200
"""At most so many points are told of a curve: a chart is some hundred pixels wide."""

Curves = dict[str, Curve]


def curves(attempts: Mapping[int, Attempt], metric: str | None = None, points: int = POINTS) -> dict[int, Curves]:
    """Trial number → metric → curve. `attempts`: by trial number. `metric`: only that one.

    Each curve is thinned to `points` with its extremes kept. One query. Trials without a curve are left out.
    """
    numbers = {attempt.pk: number for number, attempt in attempts.items()}
    whole: dict[int, Curves] = {}
    chunks = MetricChunk.objects.filter(attempt__in=numbers).order_by("attempt", "first_seq")
    for pk, data in chunks.values_list("attempt_id", "data"):
        _add(whole.setdefault(numbers[pk], {}), data, metric)
    return {
        number: {name: thinned(curve, points) for name, curve in found.items()}
        for number, found in whole.items()
        if found
    }


def _add(found: Curves, data: Mapping[str, Any], metric: str | None) -> None:
    """Put a chunk's rows behind what there is."""
    for name, values in data["values"].items():
        if metric is not None and name != metric:
            continue
        curve = found.setdefault(name, {"step": [], "epoch": [], "t": [], "value": []})
        kept = [place for place, value in enumerate(values) if value is not None]
        whole = len(kept) == len(values)
        for key in ("step", "epoch", "t"):
            column = data[key]
            curve[key].extend(column if whole else [column[place] for place in kept])
        curve["value"].extend(values if whole else [values[place] for place in kept])


def log_tail(sweep: Sweep, count: int = LOG_TAIL) -> list[LogLine]:
    """The last log lines of all of the sweep's jobs, oldest first. Reads only the newest chunks."""
    lines: list[LogLine] = []
    chunks = LogChunk.objects.filter(job__sweep=sweep).order_by("-pk").values_list("job__public_id", "lines")
    for job, chunk in chunks[:count]:
        lines = [*(cast("LogLine", {**line, "job": job}) for line in chunk), *lines]
        if len(lines) >= count:
            break
    return lines[-count:]
