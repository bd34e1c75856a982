"""Everything that the live page shows, at one position."""

from sweeps.models import Sweep
from sweeps.queries.curves import curves, log_tail
from sweeps.queries.rows import trial_rows
from sweeps.queries.shapes import Snapshot
from sweeps.queries.state import sweep_state


def fresh_sweep(pk: int) -> Sweep:
    """The sweep with everything its state needs, in one query."""
    return Sweep.objects.select_related("team", "best_trial", "model_trial", "model_folder").get(pk=pk)


def snapshot(sweep: Sweep) -> Snapshot:
    """The snapshot of a sweep.

    The position is read first, so that a change made meanwhile may be in the snapshot already and comes again as a
    message: rows are whole and points are known by their step, so that does no harm, and nothing is missed.
    """
    now = fresh_sweep(sweep.pk)
    return {
        "position": now.position,
        "sweep": sweep_state(now),
        "trials": trial_rows(now),
        "curves": curves(now),
        "logs": log_tail(now),
    }
