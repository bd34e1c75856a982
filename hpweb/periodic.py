"""Periodic work inside the server process: the embedded profile."""

import asyncio
import fcntl
import logging
import os
from typing import Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from sweeps.services.timer import Timer

logger = logging.getLogger(__name__)

TICK_S: Final = 1.0


async def tick_for_ever() -> None:
    """Tick each second until cancelled, in one process of all that share the data folder."""
    timer = Timer()
    away = False
    lock = await _take_turn()
    try:
        while True:
            try:
                # A thread of its own: waiting for the database must not hold up anybody.
                await sync_to_async(_tick, thread_sensitive=False)(timer)
                if away:
                    logger.info("The database answers again")
                away = False
            except DatabaseError as error:
                if not away:
                    logger.warning("The database does not answer: %s", error)
                away = True
            except Exception:
                logger.exception("Periodic work failed")
            await asyncio.sleep(TICK_S)
    finally:
        os.close(lock)


def _tick(timer: Timer) -> None:
    close_old_connections()
    try:
        timer.tick()
    finally:
        close_old_connections()


async def _take_turn() -> int:
    """Wait until no other process does it; the lock ends with the process."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    handle = os.open(settings.DATA_DIR / "periodic.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(TICK_S)
        except BaseException:
            os.close(handle)
            raise
        else:
            return handle
