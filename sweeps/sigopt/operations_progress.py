"""How far an experiment is."""

from runners.protocol.states import TrialState, Wanted
from sweeps.models import Sweep, Trial
from sweeps.services.wanted import is_over, timed_out

ACTIVE = (TrialState.RUNNING.value,)
FINISHED = (TrialState.COMPLETE.value, TrialState.PRUNED.value, TrialState.FAIL.value)


def count(sweep: Sweep, states: tuple[str, ...]) -> int:
    """Trials in these states."""
    return Trial.objects.filter(sweep=sweep, state__in=states).count()


def remaining_budget(sweep: Sweep) -> int | None:
    """Trials that the client may still begin; None where it named no budget. 0 makes its loop end.

    A trial at work counts as used, so that another process of the same experiment does not ask for it.
    """
    if (is_over(sweep) and not _goes_on(sweep)) or sweep.wanted != Wanted.RUN.value or timed_out(sweep):
        return 0
    if _open_ended(sweep):
        return None
    return max(0, sweep.n_trials - count(sweep, ACTIVE + FINISHED))


def _open_ended(sweep: Sweep) -> bool:
    return bool((sweep.spec or {}).get("open_ended"))


def _goes_on(sweep: Sweep) -> bool:
    """An open-ended sweep that is complete only because its script was silent for a while."""
    return _open_ended(sweep) and sweep.state == "complete"
