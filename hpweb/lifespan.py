"""What a server process does from its start to its end, beside answering."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connections

from hpweb.periodic import tick_for_ever
from sweeps.broadcast import Outbox
from sweeps.services.reap import extend_leases

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def lifespan(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI lifespan protocol."""
    outbox: Outbox | None = None
    periodic: asyncio.Task[None] | None = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            outbox = Outbox.open()
            await _renew_leases()
            if not settings.TASKS_URL:
                periodic = asyncio.create_task(tick_for_ever())
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            if periodic:
                periodic.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await periodic
            if outbox:
                await outbox.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _renew_leases() -> None:
    """While no server answered, no lease could be renewed: each begins anew before the first request."""
    try:
        await sync_to_async(_extend, thread_sensitive=False)()
    except DatabaseError as error:
        # The timer does it once the database is there.
        logger.warning("The database does not answer: %s", error)


def _extend() -> None:
    try:
        extend_leases()
    finally:
        # The thread is not used again, and its connection would stay.
        connections.close_all()
