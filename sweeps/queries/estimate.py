"""How long a sweep may still take."""

from statistics import median
from typing import Final

from django.utils import timezone

from runners.protocol.states import SweepState, TrialState, Wanted
from sweeps.models import Sweep, Trial

SAMPLE: Final = 101
"""The newest so many trials are looked at: later ones tell more, and the query stays small."""


def remaining_s(sweep: Sweep, counts: dict[str, int], counted: int) -> float | None:
    """Seconds until the last trial's end, from the median trial so far; None before the first finished trial.

    The work left is the trials not begun and what the running ones still have before them, shared by as many children
    as the sweep may use at once.
    """
    if sweep.state != SweepState.RUNNING.value or not counted:
        return None
    durations = list(
        Trial.objects.filter(sweep=sweep, duration_s__isnull=False, finished_order__isnull=False)
        .order_by("-finished_order")
        .values_list("duration_s", flat=True)[:SAMPLE]
    )
    if not durations:
        return None
    typical = median(duration for duration in durations if duration is not None)
    now = timezone.now()
    begun = Trial.objects.filter(sweep=sweep, state=TrialState.RUNNING.value).values_list("started_at", flat=True)
    elapsed = [max(0.0, (now - at).total_seconds()) for at in begun if at]
    stopping = sweep.wanted != Wanted.RUN.value
    # A trial that is over its time counts as ending now, not as giving time back.
    rest_of_running = sum(max(0.0, typical - seconds) for seconds in elapsed)
    to_begin = 0 if stopping else max(0, sweep.n_trials - counted - counts.get("running", 0))
    # With "auto" nobody knows before: those that run now are as many as there will be.
    children = (sweep.spec or {}).get("children", 1)
    parallel = max(1, len(elapsed), children if isinstance(children, int) else 1)
    work = rest_of_running + typical * to_begin
    return round(work / min(parallel, max(1, to_begin + len(elapsed))), 3)
