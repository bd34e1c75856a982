"""How long to wait before the next try."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runners.process.client import Unreachable

Answer = TypeVar("Answer")


class Backoff:
    """Doubling waits from `first` to `limit` seconds, each shortened by up to a quarter so that runners spread out."""

    def __init__(self, first: float = 0.1, limit: float = 5.0) -> None:
        self._first = first
        self._limit = limit
        self._next = first

    def next(self) -> float:
        """The seconds to wait now."""
        wait, self._next = self._next, min(self._next * 2, self._limit)
        return wait * random.uniform(0.75, 1.0)  # noqa: S311 - spreads load, guards nothing

    def reset(self) -> None:
        self._next = self._first


async def retry_unreachable(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask until the server answers, whatever the answer; what it refuses is raised."""
    backoff = Backoff()
    while True:
        try:
            return await ask()
        except Unreachable:
            await asyncio.sleep(backoff.next())
