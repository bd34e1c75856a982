"""The journal of each job has no gap, and what it says of trials is what their rows say."""

import json
import zlib
from typing import Any, Final

from runners.protocol.base import write_number
from runners.protocol.states import AttemptState
from sweeps.models import Job, JournalBatch
from sweeps.queries.audit.curves import Row
from sweeps.queries.audit.finding import Finding, Findings
from sweeps.queries.audit.record import Key, Record

RULE: Final = "journals"

Event = dict[str, Any]


class Journals:
    """The journals of a sweep's jobs. `events`: job's pk → its events; a job whose journal was pruned is not in it."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.events: dict[int, list[Event]] = {}
        self.faults: list[Finding] = []
        for job in record.jobs.values():
            self._read(job)

    def _read(self, job: Job) -> None:
        where = f"{self._record.at()} job {job.public_id}"
        batches = list(JournalBatch.objects.filter(job=job).order_by("first_seq"))
        if not batches and (job.acked_seq == 0 or job.finished_at is not None):
            if job.acked_seq == 0:
                self.events[job.pk] = []
            return
        events: list[Event] = []
        for batch in batches:
            if batch.first_seq != len(events) + 1:
                self.faults.append(
                    Finding(
                        RULE, where, f"event {len(events) + 1} is missing: the next batch begins at {batch.first_seq}."
                    )
                )
                return
            events += json.loads(zlib.decompress(batch.payload))
            if len(events) != batch.last_seq or events[-1]["seq"] != batch.last_seq:
                self.faults.append(
                    Finding(RULE, where, f"the batch {batch.first_seq} to {batch.last_seq} ends at {len(events)}.")
                )
                return
        if len(events) != job.acked_seq:
            self.faults.append(
                Finding(RULE, where, f"{job.acked_seq} events are acknowledged, {len(events)} are kept.")
            )
        self.events[job.pk] = events

    def curves(self) -> dict[Key, list[Row]] | None:
        """Metric rows by attempt; None unless every job's journal is there."""
        if len(self.events) < len(self._record.jobs):
            return None
        found: dict[Key, list[Row]] = {}
        for events in self.events.values():
            for event in events:
                if event["type"] == "metrics":
                    values = {name: _stored(value) for name, value in event["values"].items()}
                    row = (event["step"], _stored(event.get("epoch")), values)
                    found.setdefault((event["number"], event["attempt"]), []).append(row)
        return found


def check_journals(record: Record, journals: Journals) -> Findings:
    yield from journals.faults
    attempts = {
        (trial.number, attempt.index): attempt
        for trial in record.trials
        for attempt in record.attempts.get(trial.pk, [])
    }
    told: dict[Key, str] = {}
    for pk, events in journals.events.items():
        for event in events:
            if event["type"] not in {"trial_started", "trial_finished"}:
                continue
            key = event["number"], event["attempt"]
            attempt = attempts.get(key)
            if attempt is None or attempt.job_id != pk:
                yield Finding(
                    RULE,
                    f"{record.at()} job {record.jobs[pk].public_id}",
                    f"event {event['seq']} tells of attempt {key[1]} at trial {key[0]}, which is not the job's.",
                )
            elif event["type"] == "trial_finished":
                told[key] = event["state"]
    whole = len(journals.events) == len(record.jobs)
    for key, attempt in attempts.items():
        ended = attempt.state not in {AttemptState.RUNNING.value, AttemptState.LOST.value}
        if whole and ended and told.get(key) != attempt.state:
            where = f"{record.at()} trial {key[0]} attempt {key[1]}"
            yield Finding(RULE, where, f"it is {attempt.state}, and the journal says {told.get(key)}.")
        elif key in told and not ended:
            where = f"{record.at()} trial {key[0]} attempt {key[1]}"
            yield Finding(RULE, where, f"the journal says {told[key]}, but it is {attempt.state}.")


def _stored(value: Any) -> Any:
    """As rows keep a number: finite ones as floats, others as text in lower case."""
    if value is None:
        return None
    return value.lower() if isinstance(value, str) else write_number(float(value))
