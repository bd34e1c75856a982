"""Learning curves and logs."""

from typing import Final, cast

from sweeps.models import LogChunk, MetricChunk, Sweep
from sweeps.queries.rows import newest_attempts
from sweeps.queries.shapes import Curve, LogLine

LOG_TAIL: Final = 200


def curves(sweep: Sweep) -> dict[str, dict[str, Curve]]:
    """Trial number (as text, a JSON key) → metric → curve, of each trial's newest attempt. Two queries."""
    newest = {attempt.pk for attempt in newest_attempts(sweep).values()}
    found: dict[str, dict[str, Curve]] = {}
    chunks = (
        MetricChunk.objects.filter(attempt__trial__sweep=sweep)
        .order_by("attempt", "first_seq")
        .values_list("attempt_id", "attempt__trial__number", "data")
    )
    for attempt_id, number, data in chunks.iterator():
        if attempt_id not in newest:
            continue
        trial = found.setdefault(str(number), {})
        for name, values in data["values"].items():
            curve = trial.setdefault(name, {"step": [], "epoch": [], "value": []})
            for step, epoch, value in zip(data["step"], data["epoch"], values, strict=True):
                if value is not None:
                    curve["step"].append(step)
                    curve["epoch"].append(epoch)
                    curve["value"].append(value)
    return found


def log_tail(sweep: Sweep, count: int = LOG_TAIL) -> list[LogLine]:
    """The last log lines of all of the sweep's jobs, oldest first. Reads only the newest chunks."""
    lines: list[LogLine] = []
    chunks = LogChunk.objects.filter(job__sweep=sweep).order_by("-pk").values_list("job__public_id", "lines")
    for job, chunk in chunks[:count]:
        lines = [*(cast("LogLine", {**line, "job": job}) for line in chunk), *lines]
        if len(lines) >= count:
            break
    return lines[-count:]
