"""The head of a sweep's page."""

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from runners.protocol.states import COUNTED_TRIAL, JobState, TrialState
from runners.protocol.states import SweepState as State
from sweeps.models import Job, Sweep, Trial
from sweeps.queries.estimate import remaining_s
from sweeps.queries.pareto import pareto_numbers
from sweeps.queries.rows import iso, visible_trials
from sweeps.queries.shapes import Best, SavedModel, SweepState
from sweeps.queries.waiting import waiting_reason


def trial_counts(sweep: Sweep) -> dict[str, int]:
    """State → how many visible trials are in it; every state is there."""
    counts = {state.value: 0 for state in TrialState}
    found = visible_trials(sweep).order_by().values_list("state").annotate(Count("pk"))
    counts.update(dict(found))
    return counts


def counted_of(counts: dict[str, int]) -> int:
    """How many of them count towards `n_trials`."""
    return sum(counts[state.value] for state in COUNTED_TRIAL)


def sweep_state(sweep: Sweep) -> SweepState:
    """The sweep's state as pages and messages carry it. A handful of queries, however many trials."""
    counts = trial_counts(sweep)
    counted = counted_of(counts)
    return {
        "id": sweep.public_id,
        "state": sweep.state,
        "wanted": sweep.wanted,
        "counts": counts,
        "counted": counted,
        "n_trials": sweep.n_trials,
        "best": _best(sweep.best_trial),
        "pareto": pareto_numbers(sweep),
        "started_at": iso(sweep.started_at),
        "finished_at": iso(sweep.finished_at),
        "elapsed_s": elapsed_s(sweep),
        "remaining_s": remaining_s(sweep, counts, counted),
        "failure_code": sweep.failure_code,
        "failure_message": sweep.failure_message,
        "position": sweep.position,
        "model": _model(sweep),
        "archived": sweep.archived_at is not None,
        "space_version": sweep.space_version,
        "waiting_reason": waiting_reason(sweep) if sweep.state == State.QUEUED.value else "",
    }


def elapsed_s(sweep: Sweep) -> float | None:
    """Seconds from the first claim to the end, or to now; None before it."""
    if sweep.started_at is None:
        return None
    return round(((sweep.finished_at or timezone.now()) - sweep.started_at).total_seconds(), 3)


def live_job(sweep: Sweep) -> Job | None:
    """The job that is offered or running, if any."""
    live = Job.objects.filter(sweep=sweep, state__in=[JobState.OFFERED.value, JobState.RUNNING.value])
    return live.select_related("runner").first()


def _best(trial: Trial | None) -> Best | None:
    if trial is None or not trial.values:
        return None
    return {"number": trial.number, "value": trial.values[0], "params": trial.params or {}}


def _model(sweep: Sweep) -> SavedModel | None:
    if sweep.model_folder is None or sweep.model_trial is None:
        return None
    return {
        "number": sweep.model_trial.number,
        "bytes": sweep.model_folder.size,
        "url": reverse("sweeps:model-download", args=[sweep.public_id]),
    }
