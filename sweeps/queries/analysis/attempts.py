"""When which runner tried which trial."""

from datetime import datetime

from django.utils import timezone
from typing_extensions import TypedDict

from runners.protocol.states import JobState
from sweeps.models import Attempt, Job, Sweep


class Span(TypedDict):
    """A runner's lease on the sweep. Times in seconds since the sweep's start; `end` None: it goes on."""

    id: str
    runner: str
    start: float
    end: float | None


class Attempts(TypedDict):
    """Columns, one entry per attempt, by start. `job`: index into `jobs`; `lane`: which of the runner's places, from 0.

    `now`: the server's time, in the same seconds; `end` None: it still runs.
    """

    now: float
    jobs: list[Span]
    number: list[int]
    attempt: list[int]
    state: list[str]
    job: list[int]
    lane: list[int]
    start: list[float]
    end: list[float | None]


def attempts(sweep: Sweep) -> Attempts:
    """Every attempt that began. Two queries, however many."""
    zero = sweep.started_at or sweep.created_at
    jobs = list(
        Job.objects.filter(sweep=sweep)
        .exclude(state=JobState.OFFERED.value)
        .order_by("claimed_at", "pk")
        .values_list("pk", "public_id", "runner__name", "claimed_at", "offered_at", "finished_at", "state")
    )
    places = {pk: place for place, (pk, *_) in enumerate(jobs)}
    rows = (
        Attempt.objects.filter(trial__sweep=sweep, started_at__isnull=False)
        .order_by("started_at", "trial__number", "index")
        .values_list("trial__number", "index", "state", "job_id", "child", "started_at", "finished_at")
    )
    found: Attempts = {
        "now": _since(zero, timezone.now()),
        "jobs": [
            {
                "id": public_id,
                "runner": runner or "a removed runner",
                "start": _since(zero, claimed or offered),
                "end": None if state == JobState.RUNNING.value else _since(zero, finished or claimed or offered),
            }
            for _, public_id, runner, claimed, offered, finished, state in jobs
        ],
        "number": [], "attempt": [], "state": [], "job": [], "lane": [], "start": [], "end": [],
    }  # fmt: skip
    lanes: dict[str, Lanes] = {}
    for number, index, state, job, child, started, finished in rows:
        if job not in places or started is None:
            continue
        start, end = _since(zero, started), _since(zero, finished) if finished else None
        found["number"].append(number)
        found["attempt"].append(index)
        found["state"].append(state)
        found["job"].append(places[job])
        mine = lanes.setdefault(found["jobs"][places[job]]["runner"], Lanes())
        found["lane"].append(mine.take(f"{job} {child}", start, end))
        found["start"].append(start)
        found["end"].append(end)
        span = found["jobs"][places[job]]
        # News of an attempt may come after its job was given up.
        if span["end"] is not None and end is not None:
            span["end"] = max(span["end"], end)
    return found


class Lanes:
    """Places of a runner, as few as were ever used at once. A child keeps its own; a new child takes one that is free."""

    CLOSE_S = 0.05
    """Two batches' clocks may differ by so much, and an attempt seem to begin before the last one's end."""

    def __init__(self) -> None:
        self._free_at: list[float] = []
        self._of_child: dict[str, int] = {}

    def take(self, child: str, start: float, end: float | None) -> int:
        """The place of an attempt. Attempts come in order of their start."""
        until = float("inf") if end is None else end
        mine = self._of_child.get(child)
        free = [lane for lane, at in enumerate(self._free_at) if at <= start + self.CLOSE_S]
        if mine in free:
            lane = mine
        elif free:
            lane = free[0]
        else:
            lane = len(self._free_at)
            self._free_at.append(0.0)
        assert lane is not None
        self._free_at[lane] = until
        self._of_child[child] = lane
        return lane


def _since(zero: datetime, time: datetime) -> float:
    return round((time - zero).total_seconds(), 3)
