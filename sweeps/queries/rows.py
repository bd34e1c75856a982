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


def newest_attempts(trials: QuerySet[Trial]) -> dict[int, Attempt]:
    """Trial's number → its newest attempt that began, with `job.runner`. One query."""
    attempts = (
        Attempt.objects.filter(trial__in=trials.order_by())
        .select_related("job__runner", "trial")
        .only("trial__number", "index", "changes", "job__runner__name")
        .order_by("index")
    )
    return {attempt.trial.number: attempt for attempt in attempts}


def trial_rows(trials: QuerySet[Trial], attempts: dict[int, Attempt] | None = None) -> list[TrialRow]:
    """These trials as rows, by number, with intermediate values. `attempts`: their newest, where they are known."""
    newest = newest_attempts(trials) if attempts is None else attempts
    rows = []
    for trial in trials.order_by("number").defer("traceback", "timings", "last", "best"):
        row = trial_row(trial, newest.get(trial.number))
        row["intermediate"] = trial.intermediate
        rows.append(row)
    return rows
