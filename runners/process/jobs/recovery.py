"""Jobs that an earlier process left behind: ship what they had done, and give them back."""

import asyncio
import logging
import shutil
import signal
import time
from collections.abc import Callable

from pydantic import ValidationError

from runners.process.backoff import retry_unreachable
from runners.process.client import BadToken, Refused, ServerClient
from runners.process.clock import JobClock
from runners.process.folder import JobFolder
from runners.process.home import ClaimNote, Home
from runners.process.jobs.best import upload_best
from runners.process.jobs.record import JobRecord
from runners.process.jobs.shipping import Shipper
from runners.process.jobs.spooled import BadEvent, SpooledChild, TrialKey
from runners.process.journal import Journal
from runners.process.logs import pairs
from runners.process.packing.site import backs_off
from runners.protocol.events import (
    AnyEvent,
    AttemptBackedOff,
    AttemptLeft,
    ChildLost,
    JobFinished,
    TrialFinished,
    TrialStarted,
)
from runners.protocol.job import Claim, Claimed

logger = logging.getLogger(__name__)

UPLOAD_S = 60.0
SHIP_S = 60.0
_WHY = "The runner's own process was killed."


async def recover(
    home: Home, client: ServerClient, folder: JobFolder, on_bad_token: Callable[[BadToken], None]
) -> None:
    """See a left-over job to its end: its children died with the process that had it.

    The folder stays for the next start when the server cannot be reached long enough.
    """
    try:
        note = ClaimNote.model_validate_json((folder.path / "claim.json").read_bytes())
        claimed, is_ours = await _claim_again(client, folder, note)
    except (FileNotFoundError, ValidationError):
        claimed, is_ours = None, False
    except BadToken as error:
        on_bad_token(error)
        return
    if claimed is None:  # it was never claimed, or the crash came too early for anything to tell
        shutil.rmtree(folder.path, ignore_errors=True)
        return
    logger.info("Taking up a job that was left behind", extra=pairs(job=note.job, ours=is_ours))
    folder.spool.mkdir(exist_ok=True)
    journal = Journal(folder.journal)
    journal.skip_to(claimed.acked_seq)
    record = JobRecord(folder, claimed, note.claim_id, JobClock(_t0(folder), at_least=journal.last_t), journal)
    try:
        await _finish(client, record, with_output=is_ours)
        settled = await _ship(client, record, on_bad_token)
    finally:
        journal.close()
    if settled:
        await asyncio.to_thread(home.put_away, folder)


async def _claim_again(client: ServerClient, folder: JobFolder, note: ClaimNote) -> tuple[Claimed | None, bool]:
    """The same claim again gives the same answer; a job that is ours no more may still take late events."""
    try:
        return await retry_unreachable(lambda: client.claim(note.job, Claim(claim_id=note.claim_id))), True
    except BadToken:
        raise
    except Refused:
        if not folder.claimed_file.exists():
            return None, False
        return folder.claimed().model_copy(update={"acked_seq": 0}), False


def _t0(folder: JobFolder) -> float:
    try:
        return folder.start().t0
    except (FileNotFoundError, ValidationError):
        return time.monotonic()


async def _finish(client: ServerClient, record: JobRecord, *, with_output: bool) -> None:
    """Note what the children had still written, what they lost, and that the job is given back.

    Without its claim, the job's secrets are unknown and cannot be blotted out of the output, which is left out then.
    """
    events = list(record.journal.events())
    if any(isinstance(event, JobFinished) for event in events):
        return
    running = _running(events)
    # Whether a trial was alone nobody knows any more: where it may not have been, running out of memory is no failure yet.
    beside = int(backs_off(record.claimed.spec) and record.claimed.spec.children != 1)
    for path in sorted(record.folder.spool.glob("*.jsonl")):
        child = SpooledChild(path.stem, record, running.get(path.stem, ()), beside=lambda: beside)
        try:
            for event in child.take_in(final=True, output=with_output):
                if isinstance(event, TrialFinished):
                    record.checkpoints.forget(event.number)
        except BadEvent as error:
            logger.warning("A spool file cannot be read to its end", extra=pairs(job=record.job, reason=error))
        if child.trials:
            record.note(
                {
                    "type": "child_lost",
                    "child": child.name,
                    "exit_code": -signal.SIGKILL,
                    "running": child.trials,
                    "message": _WHY,
                }
            )
    if with_output:
        try:
            await asyncio.wait_for(upload_best(client, record), UPLOAD_S)
        except TimeoutError:
            logger.warning("No time for the best model of a job that was left behind", extra=pairs(job=record.job))
    record.note({"type": "job_finished", "state": "released"})


def _running(events: list[AnyEvent]) -> dict[str, list[TrialKey]]:
    """Child → what it had begun and not ended, by its job's journal."""
    running: dict[str, list[TrialKey]] = {}
    for event in events:
        if isinstance(event, TrialStarted):
            running.setdefault(event.child, []).append((event.number, event.attempt))
        elif isinstance(event, TrialFinished | AttemptLeft | AttemptBackedOff):
            ended = (event.number, event.attempt)
            running = {child: [key for key in keys if key != ended] for child, keys in running.items()}
        elif isinstance(event, ChildLost):
            running.pop(event.child, None)
    return running


async def _ship(client: ServerClient, record: JobRecord, on_bad_token: Callable[[BadToken], None]) -> bool:
    """Ship the rest. True when the server has it, or has no use for it."""
    gone = False

    def on_gone(reason: str) -> None:
        nonlocal gone
        gone = True
        logger.info("The server has no use for a job that was left behind", extra=pairs(job=record.job, reason=reason))

    shipper = Shipper(
        client,
        record,
        on_wanted=lambda _: None,
        on_orders=lambda _: None,
        on_permit_acked=lambda: None,
        on_gone=on_gone,
        on_poison=lambda _: None,
        on_bad_token=on_bad_token,
    )
    shipper.seal()
    try:
        await asyncio.wait_for(shipper.run(), SHIP_S)
    except TimeoutError:
        return False
    return shipper.settled or gone
