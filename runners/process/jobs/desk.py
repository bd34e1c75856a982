"""Asking the server for permits ahead of need, so that no child waits for HTTP."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from runners.process.backoff import Backoff
from runners.process.client import BadToken, Refused, ServerClient, Unreachable
from runners.process.jobs.record import JobRecord
from runners.process.logs import pairs
from runners.protocol.job import PermitRequest, Permits
from runners.protocol.states import Wanted

logger = logging.getLogger(__name__)

WAIT_WITH_IDLE_CHILDREN = 0.5
WAIT_OTHERWISE = 5.0
_MOST = 64


class PermitDesk:
    """One request in flight. `need()`: how many permits should be ready beyond those that are, and how many children
    stand idle for want of one. `on_news`: permits came, or there are no more; `on_wanted`, `on_refused`: as they say.
    """

    def __init__(
        self,
        client: ServerClient,
        record: JobRecord,
        *,
        need: Callable[[], tuple[int, int]],
        on_news: Callable[[], None],
        on_wanted: Callable[[Wanted], None],
        on_refused: Callable[[Refused], None],
        on_bad_token: Callable[[BadToken], None],
    ) -> None:
        self._client = client
        self._record = record
        self._need = need
        self._on_news = on_news
        self._on_wanted = on_wanted
        self._on_refused = on_refused
        self._on_bad_token = on_bad_token
        self._changed = asyncio.Event()
        self.exhausted = False
        """The server has said that no permit will come any more."""

    def look(self) -> None:
        """Something changed that may make a request worth while."""
        self._changed.set()

    def reopen(self) -> None:
        """A trial was lost after all: there may be permits again."""
        self.exhausted = False
        self._changed.set()

    async def run(self) -> None:
        """Ask whenever permits are missing. Ends when the server refuses to talk about this job."""
        backoff = Backoff()
        while True:
            self._changed.clear()
            missing, _ = self._need()
            # A lost trial is granted again before any later one, or the draws of a single child would change their order.
            if missing <= 0 or self.exhausted or self._record.permits.going_back():
                await self._changed.wait()
                continue
            try:
                answer = await self._ask(min(missing, _MOST))
            except Unreachable:
                await asyncio.sleep(backoff.next())
                continue
            except BadToken as error:
                self._on_bad_token(error)
                return
            except Refused as refused:
                logger.warning("No permit", extra=pairs(job=self._record.job, reason=refused))
                self._on_refused(refused)
                return
            backoff.reset()
            new = self._record.permits.add(answer.permits)
            if self._record.permits.going_back():
                self._record.return_permits()
                self._on_wanted(answer.wanted)
                continue
            self.exhausted = answer.state == "finished"
            self._on_wanted(answer.wanted)
            if new or self.exhausted:
                self._on_news()
            else:
                await self._pause()

    async def _ask(self, count: int) -> Permits:
        request = PermitRequest(claim_id=self._record.claim_id, holding=self._record.permits.holding(), count=count)
        return await self._client.permits(self._record.job, request)

    async def _pause(self) -> None:
        """Before asking again: until something changes, or long enough for another runner to have changed it."""
        _, idle = self._need()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), WAIT_WITH_IDLE_CHILDREN if idle else WAIT_OTHERWISE)
