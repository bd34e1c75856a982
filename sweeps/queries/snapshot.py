"""What the live page is told first, at one position; the rest of a sweep's trials is in its frame."""

from collections.abc import Mapping
from typing import Final

from django.db import transaction

from sweeps.models import Sweep
from sweeps.queries.curves import curves, log_tail
from sweeps.queries.metrics import metric_order
from sweeps.queries.rows import newest_attempts, trial_rows, visible_trials
from sweeps.queries.shapes import Curve, Snapshot
from sweeps.queries.shown import VALUES, curve_numbers, shown_numbers
from sweeps.queries.state import sweep_state

TRIES: Final = 3


def fresh_sweep(pk: int) -> Sweep:
    """The sweep with everything its state needs, in one query."""
    return Sweep.objects.select_related("team", "best_trial", "model_trial", "model_folder").get(pk=pk)


def position_of(sweep: Sweep) -> int:
    """Where the sweep stands now."""
    return Sweep.objects.values_list("position", flat=True).get(pk=sweep.pk)


def snapshot(sweep: Sweep, only: int | None = None) -> Snapshot:
    """The snapshot of a sweep: exactly what stood at its position, no less and no more. `only`: of this trial.

    Whatever changes the page also raises the position in the same transaction. So when the position is the same before
    and after, nothing came in between. A sweep that moves too fast for that is locked for the time of reading.
    """
    for _ in range(TRIES):
        found = _read(sweep, only)
        if position_of(sweep) == found["position"]:
            return found
    with transaction.atomic():
        Sweep.objects.select_for_update().get(pk=sweep.pk)
        return _read(sweep, only)


def _read(sweep: Sweep, only: int | None) -> Snapshot:
    now = fresh_sweep(sweep.pk)
    state = sweep_state(now)
    best = state["pareto"] or ([state["best"]["number"]] if state["best"] else [])
    numbers = shown_numbers(now, best) if only is None else [only]
    trials = visible_trials(now).filter(number__in=numbers)
    attempts = newest_attempts(trials)
    rows = trial_rows(trials, attempts)
    drawn = curve_numbers({row["number"]: row["state"] for row in rows}, best)
    lines = curves({number: attempts[number] for number in drawn if number in attempts})
    metrics = metric_order({name for found in lines.values() for name in found}, _objective(now))
    kept = metrics if only is not None else _affordable(lines, metrics)
    return {
        "position": now.position,
        "sweep": state,
        "trials": rows,
        "curves": {
            str(number): {name: curve for name, curve in found.items() if name in kept}
            for number, found in lines.items()
        },
        "metrics": metrics,
        "logs": log_tail(now) if only is None else [],
    }


def _objective(sweep: Sweep) -> str:
    objectives = (sweep.spec or {}).get("objectives") or [{"metric": ""}]
    return str(objectives[0]["metric"])


def _affordable(lines: Mapping[int, Mapping[str, Curve]], metrics: list[str]) -> set[str]:
    """The first metrics, as long as all their values together stay within what a page gets at once; one at least."""
    kept: set[str] = set()
    values = 0
    for name in metrics:
        values += sum(len(found[name]["value"]) for found in lines.values() if name in found)
        if values > VALUES and kept:
            break
        kept.add(name)
    return kept
