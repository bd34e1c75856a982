"""What a runner's machine did in the last hour and day, as lines to draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from runners.models import Runner, RunnerSample

WIDTH: Final = 240
HEIGHT: Final = 36
BUCKETS: Final = 120
Row = tuple[datetime, float, int, list[list[float | None]]]


@dataclass(frozen=True)
class Line:
    """`hour`, `day`: points of a polyline in a box of `WIDTH` × `HEIGHT`, empty where nothing was measured. `says`: for readers
    of the page by ear."""

    label: str
    hour: str
    day: str
    says: str


def lines_of(runner: Runner) -> list[Line]:
    """Processor and memory of the machine; use, memory, temperature and power of each GPU that could be read."""
    now = timezone.now()
    samples = RunnerSample.objects.filter(runner=runner, at__gt=now - timedelta(days=1)).order_by("at")
    rows: list[Row] = list(samples.values_list("at", "cpu_percent", "memory_used", "accelerators"))
    if not rows:
        return []
    memory = float(runner.facts.get("memory_total") or 0)
    found = [
        _line(("Processor", "%", 100.0), rows, now, lambda row: row[1]),
        _line(("Memory", "%", 100.0), rows, now, lambda row: 100 * row[2] / memory if memory else None),
    ]
    gpus = runner.facts.get("accelerators", ())
    for place, gpu in enumerate(gpus):
        name, size = f"GPU {gpu.get('index', place)}", float(gpu.get("memory_total") or 0)
        found += [
            _line((f"{name} use", "%", 100.0), rows, now, _gpu(place, 1)),
            _line((f"{name} memory", "%", 100.0), rows, now, _gpu(place, 2, 100 / size if size else 0)),
            _line((f"{name} power", "W", None), rows, now, _gpu(place, 3)),
            _line((f"{name} temperature", "°C", 100.0), rows, now, _gpu(place, 4)),
        ]
    return [line for line in found if line.day]


def _gpu(place: int, column: int, scale: float = 1.0) -> Callable[[Row], float | None]:
    def read(row: Row) -> float | None:
        value = row[3][place][column] if place < len(row[3]) else None
        return None if value is None else value * scale

    return read


def _line(
    what: tuple[str, str, float | None], rows: Sequence[Row], now: datetime, of: Callable[[Row], float | None]
) -> Line:
    """`what`: label, unit, and the value at the top of the box; None is the largest."""
    label, unit, top = what
    points = [(row[0], value) for row in rows if (value := of(row)) is not None]
    if not points:
        return Line(label, "", "", "")
    most = max(value for _, value in points)
    top = top or max(most, 1.0)
    hour = _drawn(points, now, timedelta(hours=1), top)
    return Line(
        label,
        hour,
        _drawn(points, now, timedelta(days=1), top),
        f"{label}: {points[-1][1]:.0f} {unit} now, at most {most:.0f} {unit} in a day",
    )


def _drawn(points: Sequence[tuple[datetime, float]], now: datetime, span: timedelta, top: float) -> str:
    """The mean of each of `BUCKETS` equal times."""
    sums: dict[int, tuple[float, int]] = {}
    for at, value in points:
        age = (now - at) / span
        if 0 <= age < 1:
            bucket = int((1 - age) * BUCKETS)
            total, count = sums.get(bucket, (0.0, 0))
            sums[bucket] = total + value, count + 1
    drawn = [(bucket, total / count) for bucket, (total, count) in sorted(sums.items())]
    return " ".join(
        f"{WIDTH * bucket / BUCKETS:.0f},{HEIGHT * (1 - min(1.0, max(0.0, value / top))):.1f}"
        for bucket, value in drawn
    )
