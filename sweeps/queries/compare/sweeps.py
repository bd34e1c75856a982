"""Whole sweeps side by side: how the best value grew by trials and by device-hours, how values are spread, what was spent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from statistics import quantiles
from typing import Any, Final

from runners.protocol.backends import OptunaBackend, RayBackend
from runners.protocol.states import COUNTED_TRIAL, FINISHED_TRIAL, TrialState
from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.compare.guard import Verdict, guard
from sweeps.queries.compare.trials import Compared, compared, gpu_indices
from sweeps.queries.details import describe_choice, frozen_spec, script_spec

MOST: Final = 20
"""So many sweeps at once."""
HOUR: Final = 3600.0
COUNTED: Final = frozenset(state.value for state in COUNTED_TRIAL)
FINISHED: Final = [state.value for state in FINISHED_TRIAL]


@dataclass(frozen=True)
class Spread:
    """Of the complete trials' values: their number, and the lowest, the quartiles and the highest."""

    n: int
    low: float
    first: float
    median: float
    third: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The best value so far: after so many finished `trials`, after so many device-`hours`. Only where it changes, and the end."""

    trials: list[int]
    hours: list[float]
    best: list[float]


@dataclass(frozen=True)
class Whole:
    """One sweep. `hours`: a trial's duration times its GPUs (a CPU is one device), of every finished trial, pruned and failed too.

    `wall_s`: from its first start to its end, or None while it runs. `counts`: finished trials by state.
    `drawn`: its spread in 320ths of the axis that sweeps of one objective share; None where it is not one of them.
    """

    sweep: Sweep
    metric: str
    direction: str
    backend: str
    sampler: str
    pruner: str
    seed: int | None
    best: Trial | None
    spread: Spread | None
    curve: Curve
    counts: dict[str, int]
    hours: float
    wall_s: float | None
    drawn: dict[str, str] | None = None

    @property
    def counted(self) -> int:
        """Trials that count towards the budget."""
        return sum(count for state, count in self.counts.items() if state in COUNTED)

    @property
    def reached(self) -> tuple[int, float] | None:
        """After how many finished trials, and device-hours, the best value was there."""
        if not self.curve.best:
            return None
        place = self.curve.best.index(self.curve.best[-1])
        return self.curve.trials[place], self.curve.hours[place]


@dataclass(frozen=True)
class Sweeps:
    """`apart`: names of sweeps whose objective is not the first one's; they are in the table and not in the charts."""

    rows: list[Whole]
    verdict: Verdict
    sides: list[Compared]
    metric: str
    direction: str
    apart: list[str]


def compared_sweeps(sweeps: Sequence[Sweep]) -> Sweeps:
    """In this order; two queries for each sweep and some more. `sweeps`: with team, model and data set version."""
    rows = [_whole(sweep) for sweep in sweeps]
    metric, direction = (rows[0].metric, rows[0].direction) if rows else ("", "")
    alike = [row for row in rows if (row.metric, row.direction) == (metric, direction)]
    rows = [_drawn(row, alike) if row in alike else row for row in rows]
    # The best trial stands for its sweep: what differs between them differs between the sweeps.
    bests = []
    for row in rows:
        trial = row.best or row.sweep.trials.filter(params__isnull=False).order_by("number").first()
        if trial is not None:
            trial.sweep = row.sweep
            bests.append(trial)
    sides = compared(bests)
    apart = [row.sweep.name for row in rows if (row.metric, row.direction) != (metric, direction)]
    return Sweeps(rows, guard(sides), sides, metric, direction, apart)


def _whole(sweep: Sweep) -> Whole:
    spec = frozen_spec(sweep) or script_spec(sweep)
    objective = spec.objectives[0] if spec and spec.objectives else None
    direction = objective.direction if objective else "minimize"
    trials = list(
        Trial.objects.filter(sweep=sweep, state__in=FINISHED)
        .order_by("finished_order", "number")
        .values_list("pk", "number", "state", "value", "duration_s")
    )
    devices = _devices(sweep)
    finished = [
        (state, value, (seconds or 0.0) * devices.get(pk, 1) / HOUR) for pk, _number, state, value, seconds in trials
    ]
    values = [value for state, value, _ in finished if state == TrialState.COMPLETE.value and _real(value)]
    counts: dict[str, int] = {}
    for state, _, _ in finished:
        counts[state] = counts.get(state, 0) + 1
    backend = spec.backend if spec else None
    sampler, pruner = "", ""
    if isinstance(backend, OptunaBackend):
        sampler, pruner = describe_choice(backend.sampler), describe_choice(backend.pruner)
    elif isinstance(backend, RayBackend):
        sampler, pruner = describe_choice(backend.search), describe_choice(backend.scheduler)
    elif backend:
        sampler, pruner = backend.method, describe_choice(backend.early_terminate)
    return Whole(
        sweep=sweep,
        metric=objective.metric if objective else "",
        direction=direction,
        backend=backend.name if backend else "",
        sampler=sampler,
        pruner=pruner,
        seed=spec.sampler_seed if spec else None,
        best=_best(sweep, direction),
        spread=_spread([float(value) for value in values if value is not None]),
        curve=_curve(finished, direction),
        counts=counts,
        hours=sum(hours for _, _, hours in finished),
        wall_s=(sweep.finished_at - sweep.started_at).total_seconds()
        if sweep.finished_at and sweep.started_at
        else None,
    )


def _best(sweep: Sweep, direction: str) -> Trial | None:
    """The best trial by the first objective."""
    complete = Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value, value__isnull=False)
    return complete.order_by("-value" if direction == "maximize" else "value", "number").first()


def _devices(sweep: Sweep) -> dict[int, int]:
    """Trial's primary key → on how many devices its newest attempt trained; the CPU is one."""
    backend: dict[str, Any] = (sweep.spec or {}).get("backend") or {}
    attempts = (
        Attempt.objects.filter(trial__sweep=sweep).order_by("index").values_list("trial_id", "job__facts__device")
    )
    if backend.get("name") == "ray":
        gpus = float(backend.get("gpus") or 0)
        return {} if gpus <= 1 else {trial: int(gpus) for trial, _ in attempts}
    return {trial: max(len(gpu_indices(str(device or ""))), 1) for trial, device in attempts}


def _real(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _curve(finished: Iterable[tuple[str, float | None, float]], direction: str) -> Curve:
    curve = Curve([], [], [])
    spent, best = 0.0, None
    count = 0
    for count, (state, value, hours) in enumerate(finished, 1):
        spent += hours
        if state != TrialState.COMPLETE.value or value is None or not isfinite(value):
            continue
        if best is None or (value > best if direction == "maximize" else value < best):
            best = value
            _add(curve, count, spent, best)
    if best is not None and curve.trials[-1] != count:
        _add(curve, count, spent, best)
    return curve


def _add(curve: Curve, count: int, spent: float, best: float) -> None:
    curve.trials.append(count)
    curve.hours.append(float(f"{spent:.6g}"))
    curve.best.append(float(f"{best:.6g}"))


def _spread(values: list[float]) -> Spread | None:
    if not values:
        return None
    first, median, third = quantiles(values, n=4, method="inclusive") if len(values) > 1 else (values[0],) * 3
    return Spread(len(values), min(values), first, median, third, max(values))


def _drawn(row: Whole, alike: Sequence[Whole]) -> Whole:
    """Where a page draws the spread."""
    if row.spread is None:
        return row
    low = min(one.spread.low for one in alike if one.spread)
    width = (max(one.spread.high for one in alike if one.spread) - low) or 1.0

    def at(value: float) -> float:
        return 4 + 312 * (value - low) / width

    spread = row.spread
    places = {name: f"{at(getattr(spread, name)):.1f}" for name in ("low", "first", "median", "third", "high")}
    places["box"] = f"{max(at(spread.third) - at(spread.first), 1):.1f}"
    return Whole(**{**row.__dict__, "drawn": places})


def lines(found: Sweeps) -> dict[str, Any]:
    """What the chart is drawn from, and the API tells: `{"metric", "direction", "sweeps": [{"sweep", "name", "trials", "hours", "best"}]}`."""
    return {
        "metric": found.metric,
        "direction": found.direction,
        "sweeps": [
            {
                "sweep": row.sweep.public_id,
                "name": row.sweep.name,
                "trials": row.curve.trials,
                "hours": row.curve.hours,
                "best": row.curve.best,
                "best_trial": row.best.number if row.best else None,
                "counts": row.counts,
                "device_hours": float(f"{row.hours:.6g}"),
            }
            for row in found.rows
            if (row.metric, row.direction) == (found.metric, found.direction)
        ],
    }
