"""What the machine measured while an attempt trained: use, memory and power of its slot's GPUs, and of the machine."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from typing_extensions import TypedDict

from runners.models import RunnerSample
from runners.samples import KEPT
from sweeps.models import Attempt, Job
from sweeps.queries.compare.trials import gpu_indices

POINTS: Final = 300
"""At most so many of each curve; each is the mean of as many samples as it stands for."""
MOST: Final = 50_000
"""So many samples are read: at one each 5 s, three days."""


class SystemCurve(TypedDict):
    """`group`: "use" in percent, "memory" in bytes, "power" in watts, "temperature" in °C. None: could not be read."""

    label: str
    group: str
    values: list[float | None]


class System(TypedDict):
    """`t`: seconds since the attempt's start. `why`: a sentence where there is nothing to draw, else empty."""

    attempt: int
    t: list[float]
    curves: list[SystemCurve]
    why: str


def system_curves(attempt: Attempt) -> System:
    """Of an attempt with its job and runner. The samples are the heartbeats' between its start and its end, or now."""
    told: System = {"attempt": attempt.index, "t": [], "curves": [], "why": ""}
    began, ended = attempt.started_at, attempt.finished_at or timezone.now()
    if attempt.job.runner_id is None or attempt.job.source != "runner" or began is None:
        told["why"] = "Nothing was sampled: a person's own script tells nothing of its machine."
        if attempt.job.source == "runner":
            told["why"] = "Nothing is known of the machine: its runner is no longer registered."
        return told
    samples = list(
        RunnerSample.objects.filter(runner=attempt.job.runner_id, at__gte=began, at__lte=ended)
        .order_by("at")
        .values_list("at", "cpu_percent", "memory_used", "accelerators")[:MOST]
    )
    if not samples:
        told["why"] = _why_none(began, ended)
        return told
    stride = -(-len(samples) // POINTS)
    told["t"] = [round((row[0] - began).total_seconds(), 1) for row in samples[::stride]]
    told["curves"] = [
        {"label": label, "group": group, "values": _means([of(row) for row in samples], stride)}
        for label, group, of in _columns(attempt.job, samples)
    ]
    told["curves"] = [curve for curve in told["curves"] if any(value is not None for value in curve["values"])]
    return told


def _why_none(began: datetime, ended: datetime) -> str:
    if began < timezone.now() - KEPT:
        return f"Nothing is left of what was sampled: samples are kept for {KEPT.days} days."
    every = f"{settings.HEARTBEAT_S:g} s"
    if (ended - began).total_seconds() < 2 * settings.HEARTBEAT_S:
        return f"Nothing was sampled: the runner measures its machine every {every}, and this attempt was shorter."
    return "Nothing was sampled: no heartbeat of the runner came while this attempt trained."


Sample = tuple[datetime, float, int, list[list[Any]]]
Column = tuple[str, str, Callable[[Sample], float | None]]


def _columns(job: Job, samples: Sequence[Sample]) -> list[Column]:
    """The attempt's GPUs first, then the machine."""
    wanted = gpu_indices(str(job.facts.get("device") or ""))
    there = sorted({int(row[0]) for sample in samples for row in sample[3]})
    # Ray places its workers itself: which GPU a trial had is not known, so all are shown.
    backend: dict[str, Any] = (job.sweep.spec or {}).get("backend") or {}
    gpus = there if backend.get("name") == "ray" else [index for index in there if index in wanted]
    found: list[Column] = []
    for index in gpus:
        for place, (words, group) in enumerate(
            [("", "use"), (" memory", "memory"), (" power", "power"), (" temperature", "temperature")], 1
        ):
            found.append((f"GPU {index}{words}", group, _of(index, place)))
    found += [
        ("CPU of the machine", "use", lambda row: row[1]),
        ("Memory of the machine", "memory", lambda row: row[2]),
    ]
    return found


def _of(index: int, place: int) -> Callable[[Sample], float | None]:
    def read(sample: Sample) -> float | None:
        return next((row[place] for row in sample[3] if row[0] == index), None)

    return read


def _means(values: list[float | None], stride: int) -> list[float | None]:
    """The mean of each `stride` values, to 5 digits; None where none of them is known."""
    means: list[float | None] = []
    for start in range(0, len(values), stride):
        known = [value for value in values[start : start + stride] if value is not None]
        means.append(float(f"{sum(known) / len(known):.5g}") if known else None)
    return means
