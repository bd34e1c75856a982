"""Trials as rows."""

from datetime import UTC, datetime

from django.db.models import QuerySet

from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.shapes import TrialRow


def iso(time: datetime | None) -> str | None:
    """A time for JSON: UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if time else None


def visible_trials(sweep: Sweep) -> QuerySet[Trial]:
    """Trials that have parameters. One that has only been permitted is not shown: it may never begin."""
    return Trial.objects.filter(sweep=sweep, params__isnull=False).order_by("number")


def trial_row(trial: Trial, attempt: Attempt | None) -> TrialRow:
    """A trial as a row, without its intermediate values. `attempt`: the newest one that began, with `job.runner`."""
    runner = attempt.job.runner.name if attempt and attempt.job.runner else ""
    return {
        "number": trial.number,
        "state": trial.state,
        "params": trial.params or {},
        "value": trial.values[0] if trial.values else None,
        "values": trial.values,
        "duration_s": trial.duration_s,
        "started_at": iso(trial.started_at),
        "attempt": attempt.index if attempt else 0,
        "order": trial.order,
        "stopped": trial.stopped,
        "runner": runner,
        "failure_code": trial.failure_code,
        "failure_message": trial.failure_message,
        "changes": attempt.changes if attempt else trial.changes,
    }


def newest_attempts(sweep: Sweep) -> dict[int, Attempt]:
    """Trial's pk → its newest attempt that began, with `job.runner`. One query."""
    attempts = (
        Attempt.objects.filter(trial__sweep=sweep)
        .select_related("job__runner")
        .only("trial_id", "index", "changes", "job__runner__name")
        .order_by("index")
    )
    return {attempt.trial_id: attempt for attempt in attempts}


def trial_rows(sweep: Sweep) -> list[TrialRow]:
    """All rows of a sweep, by number, with intermediate values. Two queries, however many trials."""
    newest = newest_attempts(sweep)
    rows = []
    for trial in visible_trials(sweep).defer("traceback", "timings", "last", "best"):
        row = trial_row(trial, newest.get(trial.pk))
        row["intermediate"] = trial.intermediate
        rows.append(row)
    return rows
