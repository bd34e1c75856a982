"""Shipping the journal: one batch in flight, the next as soon as there is something, an empty one to keep the lease."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable

from runners.process.backoff import Backoff
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.jobs.record import JobRecord
from runners.process.logs import pairs
from runners.protocol.job import MAX_BATCH_EVENTS, BatchAnswer, Order
from runners.protocol.states import Wanted

logger = logging.getLogger(__name__)

BATCH_BYTES = 2**20
RETRY_S = 5.0
FULL_S = 0.5
RENEW_S = 5.0
"""The longest silence: an answer also brings what people want of the job, should its wake-up be lost."""


class Shipper:
    """Runs until the job is sealed and acknowledged, or the server has no use for it.

    The callbacks come from within `run` and must not block: `on_wanted` and `on_orders` after each answer, `on_permit_acked` when the
    end of a permit is committed, `on_gone` once when the job is no longer ours, `on_poison` once when the server refuses an event
    for what it is, `on_behind` instead where the server has lost what it had acknowledged: it was restored from a backup, and
    knows nothing of permits that it gave since.
    """

    def __init__(
        self,
        client: ServerClient,
        record: JobRecord,
        *,
        on_wanted: Callable[[Wanted], None],
        on_orders: Callable[[tuple[Order, ...]], None],
        on_permit_acked: Callable[[], None],
        on_gone: Callable[[str], None],
        on_poison: Callable[[str], None],
        on_bad_token: Callable[[BadToken], None],
        on_behind: Callable[[str], None] | None = None,
    ) -> None:
        self._client = client
        self._record = record
        self._on_wanted = on_wanted
        self._on_orders = on_orders
        self._on_permit_acked = on_permit_acked
        self._on_gone = on_gone
        self._on_poison = on_poison
        self._on_behind = on_behind or on_poison
        self._on_bad_token = on_bad_token
        self.acked = record.claimed.acked_seq
        self.settled = False
        """True once the server has everything it will ever take."""
        self._lease_s = record.claimed.lease_s
        self._most = MAX_BATCH_EVENTS
        self._renew = False
        self._poisoned = False
        self._behind = False
        self._sealed = False
        self._given_up = False
        self._unreachable = False
        self._sent = time.monotonic()

    def renew(self) -> None:
        """Send a batch now, be it empty: the answer says what is wanted."""
        self._renew = True
        self._record.grown.set()

    def seal(self) -> None:
        """Nothing will be noted any more: `run` ends when all is acknowledged."""
        self._sealed = True
        self._record.grown.set()

    def drop_poison(self) -> None:
        """Forget the refused event and all after it, so that the job's last event can be shipped."""
        if self._poisoned:
            self._record.journal.cut(self.acked + 1)
            self._poisoned = False

    async def run(self) -> None:
        """Ship until settled. Only a refused token and a job that is gone end it before it is sealed."""
        # After an outage the lease has one whole term, in which the runner must have been heard.
        backoff = Backoff(limit=min(RETRY_S, self._lease_s / 3))
        while not (self._sealed and self.acked >= self._record.journal.last_seq):
            if not await self._due():
                continue
            first = self.acked + 1
            lines = self._record.journal.read(first, self._most, BATCH_BYTES)
            try:
                if self._record.journal.needs_sync:
                    await asyncio.to_thread(self._record.journal.sync)
                answer = await self._client.events(self._record.job, self._batch(first, lines))
            except OSError as error:
                logger.warning("The journal cannot be brought to the disk", extra=pairs(reason=error))
                await asyncio.sleep(backoff.next())
            except Unreachable as error:
                self._say_unreachable(error)
                await asyncio.sleep(backoff.next())
            except BadToken as error:
                self._on_bad_token(error)
                return
            except Refused as refused:
                if not self._heed(refused, len(lines)):
                    return
                if refused.code == "gap":  # two that never agree must not spin
                    await asyncio.sleep(backoff.next())
            else:
                if lines and answer.acked_seq < first:
                    await asyncio.sleep(backoff.next())  # nothing was taken: not again at once
                else:
                    backoff.reset()
                self._take(answer)
        self.settled = True

    async def _due(self) -> bool:
        """Wait until there is something to send; False when the loop's conditions must be looked at first."""
        grown, journal = self._record.grown, self._record.journal
        full = not journal.flush()
        if self._poisoned or (self.acked >= journal.written_seq and not self._renew):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(grown.wait(), min(self._lease_s / 3, RENEW_S))
                grown.clear()
                if full:  # it grows in memory only
                    await asyncio.sleep(FULL_S)
                    journal.flush()
                quiet = time.monotonic() - self._sent < min(self._lease_s / 3, RENEW_S)
                if not self._renew and quiet and self.acked >= journal.written_seq:
                    return False
        grown.clear()
        self._renew = False
        return not self._poisoned

    def _batch(self, first_seq: int, lines: list[bytes]) -> bytes:
        self._sent = time.monotonic()
        # Put together by hand: the events are JSON already, and checked when they were noted.
        head = json.dumps(
            {"claim_id": self._record.claim_id, "first_seq": first_seq, "sent_t": self._record.clock.now()}
        )
        return head[:-1].encode() + b',"events":[' + b",".join(lines) + b"]}"

    def _take(self, answer: BatchAnswer) -> None:
        if self._unreachable:
            self._unreachable = False
            logger.info("The server answers again", extra=pairs(job=self._record.job))
        self._most = min(self._most * 2, MAX_BATCH_EVENTS)
        self._lease_s = answer.lease_s
        self._set_acked(answer.acked_seq)
        self._record.journal.skip_to(self.acked)
        if self._record.permits.acknowledged(self.acked):
            self._on_permit_acked()
        if answer.finished:
            if not self._sealed:
                self._give_up("the server has ended the job")
        elif not self._given_up:
            self._on_orders(answer.orders)
            self._on_wanted(answer.wanted)

    def _heed(self, refused: Refused, count: int) -> bool:
        """Act on a refusal. False when there is nothing more to ship to."""
        expected = refused.refusal.expected_seq
        if refused.code == "gap" and expected is not None:
            logger.warning("The server asks for other events", extra=pairs(job=self._record.job, expected=expected))
            self._set_acked(expected - 1)
            self._record.journal.skip_to(self.acked)
            return True
        if refused.status in {403, 404, 409, 410}:
            self._give_up(str(refused))
            return False
        if count > 1:
            # One of them is at fault, or all are too much: fewer at a time, until it stands alone.
            self._most = max(1, count // 2)
            return True
        if self._sealed or count == 0:
            self._give_up(str(refused))
            return False
        logger.error("The server refuses an event", extra=pairs(job=self._record.job, reason=refused))
        self._poisoned = True
        (self._on_behind if self._behind else self._on_poison)(str(refused))
        return True

    def _set_acked(self, seq: int) -> None:
        if seq < self.acked and not self._behind:
            self._behind = True
            logger.warning(
                "The server has forgotten what it had acknowledged, so it is told again",
                extra=pairs(job=self._record.job, acked=self.acked, now=seq),
            )
        self.acked = seq

    def _give_up(self, reason: str) -> None:
        if not self._given_up:
            self._given_up = True
            self._on_gone(reason)

    def _say_unreachable(self, error: Unreachable) -> None:
        if not self._unreachable:
            self._unreachable = True
            logger.warning(
                "The server cannot be reached; events are kept and training goes on",
                extra=pairs(job=self._record.job, reason=error),
            )
