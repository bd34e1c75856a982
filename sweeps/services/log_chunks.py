"""Writing log entries down so that a search finds its way among them."""

from sweeps.models import Job, LogChunk
from sweeps.queries.shapes import LogLine


def make_chunk(job: Job, lines: list[LogLine]) -> LogChunk:
    """A chunk of the job's log, not yet saved. `lines`: at least one, by `seq`."""
    numbers = sorted({line["number"] for line in lines if line["number"] is not None})
    return LogChunk(
        job=job,
        first_seq=lines[0]["seq"],
        lines=lines,
        bytes=sum(len(line["text"].encode()) for line in lines),
        t_from=min(line["t"] for line in lines),
        t_to=max(line["t"] for line in lines),
        numbers=f",{','.join(map(str, numbers))}," if numbers else "",
    )
