"""Everything that the live page shows, at one position."""

from typing import Final

from django.db import transaction

from sweeps.models import Sweep
from sweeps.queries.curves import curves, log_tail
from sweeps.queries.rows import trial_rows
from sweeps.queries.shapes import Snapshot
from sweeps.queries.state import sweep_state

TRIES: Final = 3


def fresh_sweep(pk: int) -> Sweep:
    """The sweep with everything its state needs, in one query."""
    return Sweep.objects.select_related("team", "best_trial", "model_trial", "model_folder").get(pk=pk)


def position_of(sweep: Sweep) -> int:
    """Where the sweep stands now."""
    return Sweep.objects.values_list("position", flat=True).get(pk=sweep.pk)


def snapshot(sweep: Sweep) -> Snapshot:
    """The snapshot of a sweep: exactly what stood at its position, no less and no more.

    Whatever changes the page also raises the position in the same transaction. So when the position is the same before
    and after, nothing came in between. A sweep that moves too fast for that is locked for the time of reading.
    """
    for _ in range(TRIES):
        found = _read(sweep)
        if position_of(sweep) == found["position"]:
            return found
    with transaction.atomic():
        Sweep.objects.select_for_update().get(pk=sweep.pk)
        return _read(sweep)


def _read(sweep: Sweep) -> Snapshot:
    now = fresh_sweep(sweep.pk)
    return {
        "position": now.position,
        "sweep": sweep_state(now),
        "trials": trial_rows(now),
        "curves": curves(now),
        "logs": log_tail(now),
    }
