"""Taking in what a job reports: one batch, one transaction, each event once."""

import json
import re
import zlib
from collections.abc import Sequence
from typing import Final, NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from runners.protocol.events import AnyEvent
from runners.protocol.job import MAX_BATCH_BYTES, Batch, BatchAnswer
from runners.protocol.states import FailureCode, JobState
from sweeps.models import Job, JournalBatch, Trial
from sweeps.services.apply import apply_event
from sweeps.services.finish import end_job, fail_sweep, settle
from sweeps.services.ledger import Ledger
from sweeps.services.locking import lock_job
from sweeps.services.orders import orders_of
from sweeps.services.refusals import BadEvent, Fenced, Gap, Refused, TooLarge
from sweeps.services.wanted import is_over, next_lease, wanted_of

_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL in JSON: the backslash before it is not itself escaped."""

FAST: Final = 1
"""zlib's level: the journal is written much and read seldom."""


def ingest(*, job: Job, body: bytes) -> BatchAnswer:
    """Take in a batch, the JSON of `Batch`. The answer says what is committed and what is wanted now.

    What is known already is dropped. Refused without any effect: a body that is not a batch (BadEvent names the field),
    events missing before it (Gap), another claim's batch (Fenced), an oversized body (TooLarge).
    """
    batch, raw = read_batch(body)
    if not batch.events:
        return renew(job=job, claim_id=batch.claim_id)
    payload = zlib.compress(raw, FAST)
    with transaction.atomic():
        sweep, job = lock_job(job)
        fence(job, batch.claim_id)
        known = job.acked_seq
        if batch.first_seq > known + 1:
            raise Gap(known + 1, batch.first_seq)
        skip = known + 1 - batch.first_seq
        if skip < len(batch.events):
            if skip:
                payload = zlib.compress(_without(raw, skip), FAST)
            _take(Ledger(job, sweep, batch.events[skip:], batch.sent_t, timezone.now()), batch, skip, payload)
        elif job.state == JobState.RUNNING.value:
            job.lease_until = next_lease()
            job.save(update_fields=["lease_until"])
        return answer(job)


def read_batch(body: bytes) -> tuple[Batch, bytes]:
    """The batch, and its events' JSON as it came. BadEvent names the first field that is wrong, as `events.3.values`."""
    if len(body) > MAX_BATCH_BYTES:
        raise TooLarge(f"A batch may have {MAX_BATCH_BYTES // 2**20} MiB; send fewer events at a time.")
    # pydantic reads NaN, which is not JSON and which no other reader of the journal may understand.
    if b"NaN" in body or b"Infinity" in body:
        _refuse_constants(body)
    # A child may print a NUL; PostgreSQL keeps none.
    if b"\\u0000" in body:
        body = _NUL.sub(rb"\1\\ufffd", body)
    try:
        batch = Batch.model_validate_json(body)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        raise BadEvent(_path(fault["loc"]), fault["msg"]) from None
    for index, event in enumerate(batch.events):
        if event.seq != batch.first_seq + index:
            raise BadEvent(f"events.{index}.seq", f"{batch.first_seq + index} is expected here, not {event.seq}.")
    return batch, _events_of(body)


def renew(*, job: Job, claim_id: str) -> BatchAnswer:
    """Renew the lease only. Fenced for another claim; a job that has ended stays so."""
    now_until = next_lease()
    Job.objects.filter(pk=job.pk, claim_id=claim_id, state=JobState.RUNNING.value).update(lease_until=now_until)
    fresh = Job.objects.select_related("sweep", "runner").get(pk=job.pk)
    fence(fresh, claim_id)
    return answer(fresh)


def fence(job: Job, claim_id: str) -> None:
    """Fenced unless the job was claimed with that id."""
    if not job.claim_id or job.claim_id != claim_id:
        raise Fenced


def answer(job: Job) -> BatchAnswer:
    """What the runner is told after a batch."""
    return BatchAnswer(
        acked_seq=job.acked_seq,
        wanted=wanted_of(job),
        lease_s=settings.LEASE_S,
        finished=job.state != JobState.RUNNING.value,
        orders=orders_of(job),
    )


def _take(ledger: Ledger, batch: Batch, skip: int, payload: bytes) -> None:
    job, change = ledger.job, ledger.change
    for index, event in enumerate(batch.events[skip:], start=skip):
        apply_event(ledger, event, f"events.{index}")
    first, last = batch.first_seq + skip, batch.events[-1].seq
    JournalBatch.objects.create(job=job, first_seq=first, last_seq=last, payload=payload)
    ledger.save()
    job.acked_seq = last
    if not ledger.late:
        job.lease_until = next_lease()
    job.save(update_fields=["acked_seq", "lease_until", "facts"])
    _follow(ledger, batch.events[skip:])
    change.publish()


def _follow(ledger: Ledger, events: Sequence[AnyEvent]) -> None:
    """What the events mean for the job and the sweep as a whole."""
    job, change = ledger.job, ledger.change
    if ledger.late:
        if change.trials:
            settle(change)
        return
    if any(event.type == "trial_finished" and event.state == "fail" for event in events):
        _limit_failures(ledger)
    ledger.runner.close()
    if ledger.ended is not None:
        end_job(job, change, state=JobState(ledger.ended.state), told=ledger.ended)


def _limit_failures(ledger: Ledger) -> None:
    limit = ((ledger.sweep.spec or {}).get("budget") or {}).get("max_failed_trials")
    if limit is None or is_over(ledger.sweep):
        return
    failed = Trial.objects.filter(sweep=ledger.sweep, state="fail")
    count = failed.count()
    if count > limit:
        last = failed.order_by("-finished_order").first()
        why = (last.failure_message or last.failure_code) if last else ""
        fail_sweep(
            ledger.change,
            FailureCode.TOO_MANY_FAILURES,
            f"{count} trials failed, and max_failed_trials is {limit}. The last one said: {why}",
        )


def _events_of(body: bytes) -> bytes:
    """The list of events, cut out of a valid batch. It is found by its key, which as the last one needs no parsing.

    The bytes of the key can stand in no string, where its quotes would be escaped.
    """
    _, key, tail = body.partition(b'"events":[')
    if key and body.count(key) == 1 and tail.endswith(b"]}"):
        return b"[" + tail[:-1]
    return json.dumps(json.loads(body).get("events", []), separators=(",", ":")).encode()


def _without(events: bytes, skip: int) -> bytes:
    return json.dumps(json.loads(events)[skip:], separators=(",", ":")).encode()


def _refuse_constants(body: bytes) -> None:
    try:
        json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"body: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f'JSON has no {name}; send the string "{name.lower().replace("infinity", "inf")}".')


def _path(loc: tuple[int | str, ...]) -> str:
    """`events.3.values.loss`: pydantic puts the kind of an event behind its index, which no reader expects."""
    parts = list(loc)
    if len(parts) > 2 and parts[0] == "events" and isinstance(parts[1], int):
        del parts[2]
    return ".".join(str(part) for part in parts) or "body"
