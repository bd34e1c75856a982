"""The lines that stand around the end of an attempt."""

from typing import Final

from sweeps.models import Attempt, LogChunk
from sweeps.queries.logs.filter import LogFilter
from sweeps.queries.logs.pages import Row, page_before
from sweeps.queries.logs.place import Place

LINES: Final = 40
SHIPPED_WITHIN_S: Final = 2.0
"""What was printed before the end may have been read so long after it."""


def last_lines(attempt: Attempt, count: int = LINES) -> list[Row]:
    """The last lines of the trial in the attempt's job, up to its end: oldest first."""
    trial = attempt.trial
    end = attempt.started_t + (attempt.duration_s or 0.0) + SHIPPED_WITHIN_S
    behind = LogChunk.objects.filter(job=attempt.job_id, t_from__gt=end).order_by("first_seq").first()
    place = Place(attempt.job_id, behind.first_seq) if attempt.duration_s is not None and behind else None
    place = place or Place(attempt.job_id, 10**18)
    rows = page_before(trial.sweep, LogFilter(trial=trial.number), place, count).rows
    job = attempt.job.public_id
    return [row for row in rows if row["job"] == job and row["t"] >= attempt.started_t - SHIPPED_WITHIN_S][-count:]
