"""A page of log lines: chunk by chunk from a place, until there are enough or enough was looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, TypedDict, cast

from django.db.models import Q, QuerySet

from sweeps.models import LogChunk, Sweep
from sweeps.queries.logs.filter import LogFilter, level_of
from sweeps.queries.logs.place import Place
from sweeps.queries.rows import iso
from sweeps.queries.shapes import LogLine

PAGE: Final = 400
SCAN_BYTES: Final = 24 * 2**20
"""A search stops after so much text and says where to go on."""
_READ_AT_A_TIME: Final = 50


class Row(TypedDict):
    """A line as pages and API show it. `at` is its place; `t`: seconds on the clock of its job; `time`: ISO 8601 in UTC."""

    at: str
    job: str
    t: float
    time: str | None
    number: int | None
    stream: str
    level: str
    text: str


@dataclass(frozen=True)
class LogPage:
    """`rows`: oldest first. `first` and `last`: places between which was looked; empty when nothing was there.

    `earlier`, `later`: there is more before or behind.
    """

    rows: list[Row]
    first: str
    last: str
    earlier: bool
    later: bool


class _Entry(NamedTuple):
    job: str
    job_pk: int
    claimed_at: datetime | None
    line: LogLine
    size: int

    @property
    def at(self) -> str:
        return f"{self.job}.{self.line['seq']}"


def page_after(sweep: Sweep, wanted: LogFilter, after: Place | None, count: int = PAGE) -> LogPage:
    """The next lines behind a place, or the log's first."""
    return _page(_forward(sweep, wanted, after), wanted, count, forward=True, begun=after is not None)


def page_before(sweep: Sweep, wanted: LogFilter, before: Place | None, count: int = PAGE) -> LogPage:
    """The last lines before a place, or the log's last."""
    return _page(_backward(sweep, wanted, before), wanted, count, forward=False, begun=before is not None)


def page_around(sweep: Sweep, wanted: LogFilter, place: Place, count: int = PAGE) -> LogPage:
    """Lines on both sides of a place, a third of them before it."""
    before = page_before(sweep, wanted, place, count // 3)
    after = page_after(sweep, wanted, Place(place.job, place.seq - 1), count - len(before.rows))
    return LogPage(
        [*before.rows, *after.rows],
        before.first or after.first,
        after.last or before.last,
        before.earlier,
        after.later,
    )


def whole_log(sweep: Sweep, wanted: LogFilter) -> Iterator[bytes]:
    """All lines as text for a download, a block at a time."""
    for entry in _forward(sweep, wanted, None):
        if wanted.admits(entry.line):
            text = "".join(_written(row) for row in _rows(entry, wanted))
            if text:
                yield text.encode()


def _written(row: Row) -> str:
    who = "" if row["number"] is None else f"trial {row['number']} "
    level = f" {row['level']}" if row["level"] else ""
    return f"[{row['t']:10.3f} s] {who}{row['stream']}{level}: {row['text']}\n"


def _page(entries: Iterator[_Entry], wanted: LogFilter, count: int, *, forward: bool, begun: bool) -> LogPage:
    blocks: list[list[Row]] = []
    first = last = ""
    found, looked, more = 0, 0, False
    for entry in entries:
        if found >= count or looked >= SCAN_BYTES:
            more = True
            break
        first, last = first or entry.at, entry.at
        looked += entry.size
        if wanted.admits(entry.line):
            rows = _rows(entry, wanted)
            found += len(rows)
            blocks.append(rows)
    if not forward:
        blocks.reverse()
        first, last = last, first
    rows = [row for block in blocks for row in block]
    return LogPage(rows, first, last, begun if forward else more, more if forward else begun)


def _rows(entry: _Entry, wanted: LogFilter) -> list[Row]:
    line = entry.line
    time = iso(entry.claimed_at + timedelta(seconds=line["t"])) if entry.claimed_at else None
    rows: list[Row] = []
    for place, text in enumerate(line["text"].split("\n")):
        level = level_of(line, text)
        if wanted.picks(text, level):
            rows.append(
                {
                    "at": f"{entry.at}.{place}",
                    "job": entry.job,
                    "t": line["t"],
                    "time": time,
                    "number": line["number"],
                    "stream": line["stream"],
                    "level": level,
                    "text": text,
                }
            )
    return rows


def _forward(sweep: Sweep, wanted: LogFilter, after: Place | None) -> Iterator[_Entry]:
    chunks = _chunks(sweep, wanted)
    if after is not None:
        # The chunk that holds the place begins at or before it.
        inside = LogChunk.objects.filter(job=after.job, first_seq__lte=after.seq).order_by("-first_seq").first()
        begin = inside.first_seq if inside else 0
        chunks = chunks.filter(Q(job__gt=after.job) | Q(job=after.job, first_seq__gte=begin))
    for chunk in _read(chunks, forward=True):
        for entry in _entries(chunk):
            if after is None or (entry.job_pk, entry.line["seq"]) > (after.job, after.seq):
                yield entry


def _backward(sweep: Sweep, wanted: LogFilter, before: Place | None) -> Iterator[_Entry]:
    chunks = _chunks(sweep, wanted)
    if before is not None:
        chunks = chunks.filter(Q(job__lt=before.job) | Q(job=before.job, first_seq__lt=before.seq))
    for chunk in _read(chunks, forward=False):
        for entry in reversed(_entries(chunk)):
            if before is None or (entry.job_pk, entry.line["seq"]) < (before.job, before.seq):
                yield entry


def _chunks(sweep: Sweep, wanted: LogFilter) -> QuerySet[LogChunk]:
    chunks = LogChunk.objects.filter(job__sweep=sweep).select_related("job")
    chunks = chunks.only("job__public_id", "job__claimed_at", "first_seq", "lines")
    if wanted.trial is not None:
        # A chunk of an earlier version does not say whose lines it has.
        chunks = chunks.filter(Q(numbers__contains=f",{wanted.trial},") | Q(bytes=0))
    return chunks


def _read(chunks: QuerySet[LogChunk], *, forward: bool) -> Iterator[LogChunk]:
    """A few at a time, each batch behind the last: an open cursor would hold up SQLite's writers, an offset would slip."""
    # `job` alone would order by the jobs' own order.
    ordered = chunks.order_by(*(("job_id", "first_seq") if forward else ("-job_id", "-first_seq")))
    side = "gt" if forward else "lt"
    rest = ordered
    while some := list(rest[:_READ_AT_A_TIME]):
        yield from some
        job, seq = some[-1].job_id, some[-1].first_seq
        rest = ordered.filter(Q(**{f"job_id__{side}": job}) | Q(**{"job_id": job, f"first_seq__{side}": seq}))


def _entries(chunk: LogChunk) -> list[_Entry]:
    found = []
    for place, line in enumerate(chunk.lines):
        given: dict[str, Any] = {"seq": chunk.first_seq + place, "level": "", **line}
        job = chunk.job
        found.append(_Entry(job.public_id, job.pk, job.claimed_at, cast("LogLine", given), len(line["text"])))
    return found
