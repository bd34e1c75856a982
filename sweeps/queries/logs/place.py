"""A place in a sweep's log: an entry of a job, and a line in it. Written `<job>.<seq>.<line>`; the line may be left out."""

import bisect
import re
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sweeps.models import Job, LogChunk, MetricChunk, Sweep, Trial
from sweeps.queries.logs.filter import BadFilter
from sweeps.queries.rows import newest_attempts

_FORM: Final = re.compile(r"([A-Za-z0-9]{1,32})\.(\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class Place:
    """`job`: its primary key, by which the jobs of a sweep follow one another."""

    job: int
    seq: int


class Spot(NamedTuple):
    """A moment of a job: seconds on its clock."""

    job: Job
    t: float


def read_place(sweep: Sweep, text: str, field: str) -> Place:
    """The place that an address names. Raises BadFilter, also for another sweep's."""
    match = _FORM.fullmatch(text)
    job = Job.objects.filter(sweep=sweep, public_id=match[1]).first() if match else None
    if match is None or job is None:
        raise BadFilter(field, f"{text[:60]!r} is no place in this log. Take it from a line's link.")
    return Place(job.pk, int(match[2]))


def place_at(spot: Spot, trial: int | None) -> str:
    """The first entry from that moment on, of this trial where there is one; the last one when nothing follows. Empty for an empty log."""
    chunks = LogChunk.objects.filter(job=spot.job)
    if trial is not None:
        chunks = chunks.filter(numbers__contains=f",{trial},")
    for chunk in chunks.filter(t_to__gte=spot.t).order_by("first_seq")[:50]:
        for entry in _of_trial(chunk.lines, trial):
            if entry["t"] >= spot.t:
                return f"{spot.job.public_id}.{entry['seq']}.0"
    last = chunks.order_by("-first_seq").first()
    entries = _of_trial(last.lines, trial) if last else []
    return f"{spot.job.public_id}.{entries[-1]['seq']}.0" if entries else ""


def spot_of_step(trial: Trial, step: int) -> Spot | None:
    """When the trial's newest attempt logged its first figures at this step or later; None when it logged none."""
    attempt = newest_attempts(Trial.objects.filter(pk=trial.pk)).get(trial.number)
    if attempt is None:
        return None
    times: dict[int, float] = {}
    for data in MetricChunk.objects.filter(attempt=attempt).order_by("first_seq").values_list("data", flat=True):
        for at, t in zip(data["step"], data["t"], strict=True):
            times.setdefault(at, t)
    steps = sorted(times)
    if not steps:
        return None
    found = steps[min(bisect.bisect_left(steps, step), len(steps) - 1)]
    return Spot(Job.objects.get(pk=attempt.job_id), times[found])


def _of_trial(entries: list[dict[str, Any]], trial: int | None) -> list[dict[str, Any]]:
    return [entry for entry in entries if "seq" in entry and (trial is None or entry["number"] == trial)]
