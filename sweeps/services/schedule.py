"""Matching queued sweeps with runners that have room. Called on every change that may matter, and by the timer."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from runners.heartbeat import silence_limit
from runners.models import Runner
from runners.protocol.states import RunnerState, SweepState
from runners.wake import send_wake
from sweeps.models import Job, Sweep
from sweeps.queries.room import LIVE, can, free_slots, need


@dataclass
class _Room:
    runner: Runner
    teams: frozenset[int]
    free: int

    def could_take(self, sweep: Sweep) -> bool:
        """Whether the runner serves the sweep's team and, were it idle, could do it."""
        return (not self.teams or sweep.team_id in self.teams) and can(self.runner, sweep)

    def takes(self, sweep: Sweep) -> bool:
        """Whether enough slots are free now."""
        return self.free >= need(self.runner, sweep)


def schedule() -> list[Job]:
    """Offer queued sweeps, by priority, then age, to the runners with most room. The jobs that were offered.

    Safe when called twice at once: the runners' rows are locked first, so the second caller sees the first one's offers.
    """
    # Looked without a lock first: nearly always there is nothing to do.
    if not _waiting().exists() or not _online().exists():
        return []
    offered = []
    with transaction.atomic():
        rooms = _rooms()
        for sweep in _waiting().select_for_update(of=("self",)):
            able = [room for room in rooms if room.could_take(sweep)]
            if not able:
                continue
            room = max(able, key=lambda room: (room.takes(sweep), room.free))
            if not room.takes(sweep):
                # What is free there is kept for it, or sweeps of one slot would pass it for ever.
                room.free = 0
                continue
            room.free -= need(room.runner, sweep)
            job = Job.objects.create(sweep=sweep, runner=room.runner)
            offered.append(job)
            wake_on_commit(room.runner, job)
    return offered


def schedule_on_commit() -> None:
    """Call `schedule` once the transaction that changed something is committed."""
    transaction.on_commit(schedule)


def wake_on_commit(runner: Runner, job: Job) -> None:
    """Once the transaction is committed, have the runner ask at once what is wanted of this job, offered or running."""
    transaction.on_commit(lambda: send_wake(runner, job.public_id))


def _waiting() -> QuerySet[Sweep]:
    """Queued sweeps that no job is on."""
    held = Job.objects.filter(state__in=LIVE).values("sweep")
    return (
        Sweep.objects.filter(state=SweepState.QUEUED.value)
        .exclude(pk__in=held)
        .order_by("-priority", "queued_at", "pk")
    )


def _online() -> QuerySet[Runner]:
    return Runner.objects.filter(state=RunnerState.ONLINE.value, last_seen__gte=timezone.now() - silence_limit())


def _rooms() -> list[_Room]:
    """Runners that are online, locked, with their free slots, by name."""
    runners = list(_online().select_for_update().order_by("pk"))
    pks = [runner.pk for runner in runners]
    free = free_slots(runners)
    teams: dict[int, set[int]] = {}
    for runner_id, team_id in Runner.teams.through.objects.filter(runner_id__in=pks).values_list(
        "runner_id", "team_id"
    ):
        teams.setdefault(runner_id, set()).add(team_id)
    rooms = [_Room(runner, frozenset(teams.get(runner.pk, ())), free[runner.pk]) for runner in runners]
    return sorted(rooms, key=lambda room: room.runner.name)
