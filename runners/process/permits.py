"""The permits of one job: which are ready, which must still be named to the server. No I/O."""

from collections import deque
from collections.abc import Iterable

from runners.protocol.job import Permit

Key = tuple[int, int]
"""A trial's number and its attempt."""


class PermitPool:
    """A permit is ready, then used by a child, then ended by an event; it is *held* until that event is acknowledged.

    `acked_seq`: what the server had acknowledged when the pool was made.
    """

    def __init__(self, acked_seq: int = 0) -> None:
        self._ready: deque[Permit] = deque()
        self._ended_by: dict[Key, int | None] = {}
        self._going_back: set[Key] = set()
        self._acked = acked_seq

    @property
    def ready(self) -> int:
        """How many permits wait for a child."""
        return len(self._ready)

    def holding(self) -> tuple[int, ...]:
        """The numbers that the server must not take for lost answers (see `PermitRequest`)."""
        return tuple(sorted({number for number, _ in self._ended_by}))

    def add(self, permits: Iterable[Permit]) -> int:
        """Take in what the server granted; what is held already is not taken twice. Returns how many are new."""
        new = 0
        for permit in permits:
            key = (permit.number, permit.attempt)
            if key not in self._ended_by:
                self._ended_by[key] = None
                self._ready.append(permit)
                new += 1
        return new

    def take(self) -> Permit | None:
        """A permit for a child, oldest first."""
        return self._ready.popleft() if self._ready else None

    def take_all(self) -> list[Permit]:
        """All that are ready, to be returned."""
        permits = list(self._ready)
        self._ready.clear()
        return permits

    def going_back(self) -> bool:
        """Whether trials are on their way back to the server: what it grants before they arrive is out of order."""
        return bool(self._going_back)

    def ended(self, number: int, attempt: int, seq: int, *, goes_back: bool = False) -> None:
        """Event `seq` ended this permit: finished, or (`goes_back`) returned or lost, so that its trial waits again."""
        if (number, attempt) in self._ended_by:
            self._ended_by[number, attempt] = seq
            if goes_back:
                self._going_back.add((number, attempt))
            self.acknowledged(self._acked)

    def acknowledged(self, seq: int) -> bool:
        """The server has committed the events up to `seq`. True when a permit is held no longer by that."""
        self._acked = max(self._acked, seq)
        gone = [key for key, ended_by in self._ended_by.items() if ended_by is not None and ended_by <= self._acked]
        for key in gone:
            del self._ended_by[key]
            self._going_back.discard(key)
        return bool(gone)
