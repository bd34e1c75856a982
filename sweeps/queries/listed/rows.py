"""Sweeps as rows of a list: how far they are, their line, their tags."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from runners.protocol.states import COUNTED_TRIAL, SweepState, TrialState
from sweeps.models import Sweep, SweepTag, Trial
from sweeps.queries.listed.lines import Steps, best_lines, drawn, first_objective
from teams.models import Team

HOUR: Final = timedelta(hours=1)
WITH: Final = ("created_by", "model", "dataset_version__dataset", "best_trial")
NOT_READ: Final = (
    "draft",
    "best_trial__intermediate",
    "best_trial__traceback",
    "best_trial__timings",
    "best_trial__last",
    "best_trial__best",
    "best_trial__changes",
)


@dataclass(frozen=True)
class Row:
    """`counted`: trials that count towards `n_trials`; `running`: trials that train now; `hourly`: how many ended per hour
    in the last hour, or since the start where that is later, None unless it runs. `objective`: the first one's
    metric, `further`: how many more there are. `points`: of the line's polyline, `says`: the line in words."""

    sweep: Sweep
    counted: int
    running: int
    hourly: float | None
    objective: str
    further: int
    value: float | str | None
    tags: tuple[str, ...]
    points: str
    says: str


def sweeps_of(team: Team) -> QuerySet[Sweep]:
    """The team's sweeps with what a row shows of them."""
    return Sweep.objects.filter(team=team).select_related(*WITH).defer(*NOT_READ)


def rows(sweeps: Iterable[Sweep]) -> list[Row]:
    """The sweeps, from `sweeps_of`, as rows in their order. Four queries at most, however many there are."""
    listed = list(sweeps)
    if not listed:
        return []
    counts, last = _counts(listed)
    paces = _paces(listed)
    lines = best_lines(listed)
    tags: dict[int, list[str]] = {}
    for pk, name in SweepTag.objects.filter(sweep__in=listed).order_by("name").values_list("sweep_id", "name"):
        tags.setdefault(pk, []).append(name)
    return [
        replace(
            _row(sweep, counts.get(sweep.pk, {}), last.get(sweep.pk, 0), lines.get(sweep.pk, [])),
            hourly=paces.get(sweep.pk),
            tags=tuple(tags.get(sweep.pk, ())),
        )
        for sweep in listed
    ]


def _row(sweep: Sweep, counts: Mapping[str, int], last: int, steps: Steps) -> Row:
    objective = first_objective(sweep)
    metric = str(objective.get("metric", ""))
    best = sweep.best_trial
    return Row(
        sweep=sweep,
        counted=sum(counts.get(state.value, 0) for state in COUNTED_TRIAL),
        running=counts.get(TrialState.RUNNING.value, 0),
        objective=metric,
        further=max(0, len((sweep.spec or {}).get("objectives") or ()) - 1),
        value=best.values[0] if best and best.values else None,
        hourly=None,
        tags=(),
        points=drawn(steps, last),
        says=_words(steps, metric, last),
    )


def _counts(sweeps: list[Sweep]) -> tuple[dict[int, dict[str, int]], dict[int, int]]:
    """Primary key → state → how many trials; primary key → the highest number that has ended."""
    counts: dict[int, dict[str, int]] = {}
    last: dict[int, int] = {}
    counted = {state.value for state in COUNTED_TRIAL}
    found: Any = (
        Trial.objects.filter(sweep__in=sweeps)
        .order_by()
        .values_list("sweep_id", "state")
        .annotate(many=Count("pk"), newest=Max("number"))
    )
    for pk, state, many, newest in found:
        counts.setdefault(pk, {})[state] = many
        if state in counted:
            last[pk] = max(last.get(pk, 0), newest)
    return counts, last


def _paces(sweeps: list[Sweep]) -> dict[int, float]:
    """Primary key → trials that ended per hour, of those that run."""
    running = {sweep.pk: sweep.started_at for sweep in sweeps if sweep.state == SweepState.RUNNING.value}
    now = timezone.now()
    ended = Trial.objects.filter(
        sweep__in=running, state__in=[state.value for state in COUNTED_TRIAL], finished_at__gt=now - HOUR
    )
    found = {}
    for pk, many in ended.order_by().values_list("sweep_id").annotate(Count("pk")):
        begun = running[pk]
        seconds = min(HOUR, now - begun).total_seconds() if begun else HOUR.total_seconds()
        found[pk] = many / max(seconds, 1) * 3600
    return found


def _words(steps: Steps, metric: str, last: int) -> str:
    if not steps:
        return ""
    if len(steps) == 1:
        return f"Best {metric}: {steps[0][1]:.4g} from trial {steps[0][0]} on, of {last + 1}"
    (first, begin), (newest, best) = steps[0], steps[-1]
    return (
        f"Best {metric} so far: from {begin:.4g} at trial {first} to {best:.4g} at trial {newest} of {last + 1}, "
        f"in {len(steps) - 1} step{'' if len(steps) == 2 else 's'}"
    )
