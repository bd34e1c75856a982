"""What the first page of a team shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from runners.models import Runner
from runners.protocol.states import FINISHED_SWEEP, RunnerState, SweepState
from sweeps.models import Sweep
from sweeps.queries.home.best import Best, best_results
from sweeps.queries.listed.rows import Row, rows, sweeps_of
from sweeps.queries.room import Fleet, fleet_of
from sweeps.queries.waiting import waiting_reasons
from teams.models import Team

SHOWN: Final = 6
"""So many of each kind; a link leads to the others."""
BEST: Final = 12


@dataclass(frozen=True)
class Waiting:
    """A sweep in the queue, its place in it from 1, and what it waits for (empty: nothing is known to be missing)."""

    place: int
    sweep: Sweep
    reason: str


@dataclass(frozen=True)
class Load:
    """A runner and its slots that are taken."""

    runner: Runner
    taken: int


@dataclass(frozen=True)
class Home:
    """`running`, `finished`, `waiting`: the first of each, `n_…`: how many there are. `finished`: since the person looked."""

    running: list[Row]
    n_running: int
    finished: list[Row]
    n_finished: int
    waiting: list[Waiting]
    n_waiting: int
    n_drafts: int
    best: list[Best]
    fleet: "FleetLoad"


@dataclass(frozen=True)
class FleetLoad:
    """`slots` and `taken` of the runners that are online; `busy`: how many of those hold a job. `runners`: all, the busiest first."""

    runners: list[Load]
    slots: int
    taken: int
    busy: int
    online: int


def home_of(team: Team, since: datetime) -> Home:
    """The page of somebody who has looked last at `since`."""
    mine = sweeps_of(team).filter(archived_at=None)
    running = mine.filter(state=SweepState.RUNNING.value).order_by("-started_at", "-pk")
    ended = mine.filter(state__in=[state.value for state in FINISHED_SWEEP], finished_at__gt=since)
    queued = mine.filter(state=SweepState.QUEUED.value).order_by("-priority", "queued_at", "pk")
    first, done, next_up = (
        list(running[:SHOWN]),
        list(ended.order_by("-finished_at", "-pk")[:SHOWN]),
        list(queued[:SHOWN]),
    )
    # Both tables at once: half the queries.
    shown = {row.sweep.pk: row for row in rows([*first, *done])}
    fleet = fleet_of(team)
    reasons = waiting_reasons(next_up)
    return Home(
        running=[shown[sweep.pk] for sweep in first],
        n_running=running.count(),
        finished=[shown[sweep.pk] for sweep in done],
        n_finished=ended.count(),
        waiting=[Waiting(place, sweep, reasons[sweep.pk]) for place, sweep in enumerate(next_up, 1)],
        n_waiting=queued.count(),
        n_drafts=mine.filter(state=SweepState.DRAFT.value).count(),
        best=best_results(team, BEST),
        fleet=_load(fleet),
    )


def _load(fleet: Fleet) -> FleetLoad:
    loads = [Load(runner, fleet.taken(runner)) for runner in fleet.online]
    others = [Load(runner, 0) for runner in fleet.runners if runner.state != RunnerState.ONLINE.value]
    return FleetLoad(
        runners=[*sorted(loads, key=lambda load: -load.taken), *others],
        slots=sum(load.runner.slots_limited for load in loads),
        taken=sum(load.taken for load in loads),
        busy=sum(load.taken > 0 for load in loads),
        online=len(loads),
    )
