"""Each attempt's curve is whole: columns of one length, steps in order, and exactly the rows that the journal has."""

from itertools import pairwise
from typing import Any, Final

from sweeps.models import Attempt, MetricChunk
from sweeps.queries.audit.finding import Finding, Findings
from sweeps.queries.audit.record import Key, Record

RULE: Final = "curves"

Row = tuple[int, float | str | None, dict[str, float | str]]
"""Step, epoch, values."""


def check_curves(record: Record, told: dict[Key, list[Row]] | None) -> Findings:
    """`told`: what the sweep's journals say of each attempt; None where they are not kept any more."""
    chunks: dict[int, list[MetricChunk]] = {}
    for chunk in MetricChunk.objects.filter(attempt__trial__sweep=record.sweep).order_by("attempt", "first_seq"):
        chunks.setdefault(chunk.attempt_id, []).append(chunk)
    for trial in record.trials:
        for attempt in record.attempts.get(trial.pk, []):
            where = record.at(trial, attempt)
            faults = [fault for chunk in chunks.get(attempt.pk, []) for fault in _square(chunk)]
            if faults:
                yield Finding(RULE, where, faults[0])
                continue
            rows = [row for chunk in chunks.get(attempt.pk, []) for row in _rows(chunk.data)]
            yield from _monotonic(record, attempt, rows, where)
            if told is not None:
                yield from _same(attempt, rows, told.get((trial.number, attempt.index), []), where)


def _square(chunk: MetricChunk) -> list[str]:
    data, rows = chunk.data, chunk.rows
    columns = {name: data[name] for name in ("step", "epoch", "t")} | data["values"]
    return [
        f"the column {name} of the chunk at event {chunk.first_seq} has {len(column)} rows, not {rows}."
        for name, column in columns.items()
        if len(column) != rows
    ]


def _rows(data: dict[str, Any]) -> list[Row]:
    names = list(data["values"])
    columns = zip(data["step"], data["epoch"], *(data["values"][name] for name in names), strict=True)
    return [
        (step, epoch, {name: value for name, value in zip(names, values, strict=True) if value is not None})
        for step, epoch, *values in columns
    ]


def _monotonic(record: Record, attempt: Attempt, rows: list[Row], where: str) -> Findings:
    # A script counts its steps as it likes, and population-based training goes on from another trial's step.
    job = record.jobs.get(attempt.job_id)
    if attempt.changes or job is None or job.source == "script":
        return
    for (before, *_), (after, *_) in pairwise(rows):
        if after < before:
            yield Finding(RULE, where, f"its curve goes back from step {before} to step {after}.")
            return


def _same(attempt: Attempt, rows: list[Row], told: list[Row], where: str) -> Findings:
    # A resumed attempt has the rows of the earlier one in front of its own.
    own = rows[len(rows) - len(told) :] if attempt.resumed_from is not None and len(rows) > len(told) else rows
    if len(own) != len(told):
        yield Finding(RULE, where, f"its curve has {len(own)} rows, the journal {len(told)}.")
        return
    for mine, theirs in zip(own, told, strict=True):
        if mine != theirs:
            yield Finding(RULE, where, f"its curve has {mine}, the journal {theirs}.")
            return
