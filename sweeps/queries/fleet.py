"""The scheduler's snapshot, read from the database: a handful of queries, however many runners and sweeps."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from runners.heartbeat import silence_limit
from runners.models import Quota, Runner
from runners.protocol.states import RunnerState, SweepState
from sweeps.models import Job, Sweep
from sweeps.queries.room import LIVE
from sweeps.scheduling.fits import able
from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Shape, Snapshot
from sweeps.scheduling.turns import QUANTUM

OF_LATE: Final = timedelta(hours=24)
"""What was held so long ago counts for nobody's share any more."""


def waiting_sweeps() -> QuerySet[Sweep]:
    """Queued sweeps that no job is on."""
    held = Job.objects.filter(state__in=LIVE).values("sweep")
    return Sweep.objects.filter(state=SweepState.QUEUED.value).exclude(pk__in=held)


def snapshot_now(runners: Iterable[Runner] | None = None) -> Snapshot:
    """The fleet as it is. `runners`: those that are looked at; without, all that are registered."""
    now = timezone.now()
    found = list(Runner.objects.filter(removed_at=None) if runners is None else runners)
    return Snapshot(
        machines=_machines(found, now),
        requests=tuple(_requests()),
        used=_used(now),
        allowances=allowances(now),
        now=now.timestamp(),
    )


def month_start(now: datetime) -> datetime:
    """The first moment of the month, in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def gpu_hours(team: int, since: datetime, now: datetime) -> float:
    """GPU-hours that the team's jobs have held since then."""
    jobs = Job.objects.filter(sweep__team=team, gpus__gt=0, claimed_at__isnull=False)
    rows = jobs.filter(Q(finished_at=None) | Q(finished_at__gt=since)).values_list("gpus", "claimed_at", "finished_at")
    return sum(gpus * _seconds(begun or now, ended, since, now) for gpus, begun, ended in rows) / 3600


def allowances(now: datetime) -> dict[int, Allowance]:
    """Team → what its quota is and what it has of it; for teams that have one."""
    quotas = list(Quota.objects.exclude(gpus=None, gpu_hours=None))
    if not quotas:
        return {}
    live = Job.objects.filter(state__in=LIVE, sweep__team__in=[quota.team_id for quota in quotas])
    held = dict(live.order_by().values_list("sweep__team").annotate(Sum("gpus")))
    since = month_start(now)
    renewed = (since + timedelta(days=32)).replace(day=1)
    return {
        quota.team_id: Allowance(
            gpus=quota.gpus,
            gpus_held=held.get(quota.team_id) or 0.0,
            gpu_hours=quota.gpu_hours,
            gpu_hours_used=0.0 if quota.gpu_hours is None else gpu_hours(quota.team_id, since, now),
            renewed=f"{renewed.day} {renewed:%B}",
        )
        for quota in quotas
    }


def _machines(runners: list[Runner], now: datetime) -> tuple[Machine, ...]:
    pks = [runner.pk for runner in runners]
    held = dict(
        Job.objects.filter(runner__in=pks, state__in=LIVE).order_by().values_list("runner").annotate(Sum("slots"))
    )
    teams: dict[int, set[int]] = {}
    through = Runner.teams.through.objects.filter(runner_id__in=pks)
    for runner_id, team_id in through.values_list("runner_id", "team_id"):
        teams.setdefault(runner_id, set()).add(team_id)
    return tuple(_machine(runner, held.get(runner.pk) or 0, teams.get(runner.pk, ()), now) for runner in runners)


def _machine(runner: Runner, held: int, teams: Iterable[int], now: datetime) -> Machine:
    state, seen = runner.state, runner.last_seen
    if state == RunnerState.ONLINE.value and (seen is None or seen < now - silence_limit()):
        state = RunnerState.OFFLINE.value
    return Machine(
        pk=runner.pk,
        name=runner.name,
        named=runner.public_id,
        state=state,
        teams=frozenset(teams),
        tasks=frozenset(runner.facts.get("tasks", ())),
        labels=frozenset(runner.labels),
        slots=runner.slots,
        limit=runner.slots_limited,
        free=runner.slots_limited - held,
        gpus=tuple(int(gpu.get("memory_total") or 0) for gpu in runner.facts.get("accelerators", ())),
        quarantine_reason=runner.quarantine_reason,
    )


def _requests() -> Iterable[Request]:
    shapes: dict[Any, Shape] = {}
    rows = (
        waiting_sweeps()
        .order_by()
        .values_list(
            "pk", "team_id", "created_by_id", "priority", "queued_at", "spec__task", "spec__processes", "requirements"
        )
    )
    for pk, team, person, priority, queued_at, task, processes, wanted in rows:
        key = (team, task, processes, str(wanted))
        if key not in shapes:
            shapes[key] = shape_of(team, task or "", processes or 1, wanted)
        at = queued_at.timestamp() if queued_at else 0.0
        yield Request(pk, shapes[key], person or 0, priority, at)


def request_of(sweep: Sweep) -> Request:
    """A sweep that waits, or would."""
    spec = sweep.spec or {}
    shape = shape_of(sweep.team_id, spec.get("task") or "", spec.get("processes") or 1, sweep.requirements)
    queued_at = sweep.queued_at.timestamp() if sweep.queued_at else 0.0
    return Request(sweep.pk, shape, sweep.created_by_id or 0, sweep.priority, queued_at)


def able_runners(runners: Iterable[Runner], sweep: Sweep, *, patience_s: float = 0.0) -> list[Runner]:
    """Those that take part and could do the sweep, were they idle. `patience_s`: silent for so much longer is online, too."""
    by_pk = {runner.pk: runner for runner in runners}
    found = able(
        _machines(list(by_pk.values()), timezone.now() - timedelta(seconds=patience_s)), request_of(sweep).shape
    )
    return [by_pk[machine.pk] for machine in found]


def shape_of(team: int, task: str, processes: int, wanted: dict[str, Any]) -> Shape:
    """What a sweep needs, from its columns."""
    return Shape(
        team=team,
        task=task,
        processes=processes,
        gpus=int(wanted.get("gpus") or 0),
        gpu_memory=int(float(wanted.get("gpu_memory_gb") or 0) * GB),
        labels=frozenset(wanted.get("labels") or ()),
        runner=str(wanted.get("runner") or ""),
    )


def _used(now: datetime) -> dict[tuple[int, int], float]:
    """(team, person) → slot-seconds of the last day, and `QUANTUM` for each slot that is held now."""
    since = now - OF_LATE
    jobs = Job.objects.filter(runner__isnull=False).filter(Q(state__in=LIVE) | Q(finished_at__gt=since))
    rows = jobs.values_list("slots", "claimed_at", "finished_at", "state", "sweep__team", "sweep__created_by")
    used: dict[tuple[int, int], float] = {}
    for slots, begun, ended, state, team, person in rows:
        seconds = _seconds(begun, ended, since, now) if begun else 0.0
        key = (team, person or 0)
        used[key] = used.get(key, 0.0) + slots * (seconds + (QUANTUM if state in LIVE else 0.0))
    return used


def _seconds(begun: datetime, ended: datetime | None, since: datetime, now: datetime) -> float:
    """Of a job, within the time that is looked at."""
    return max(0.0, ((ended or now) - max(begun, since)).total_seconds())
