"""Signs of life of the ranks, in memory that they share with their leader."""

import mmap
import struct
import time

_SLOT = struct.Struct("dd")


class Beats:
    """One slot per rank: when it moved last (`time.monotonic()`, the same clock in all processes), and since when it has
    been at work on a trial (0: it is not). Make it before the fork. A slot has one writer.
    """

    def __init__(self, ranks: int) -> None:
        self._ranks = ranks
        self._memory = mmap.mmap(-1, ranks * _SLOT.size)

    def beat(self, rank: int, *, busy: bool) -> None:
        """`rank` moves. `busy`: it is at work on a trial, so that silence from here on means something."""
        now = time.monotonic()
        _SLOT.pack_into(self._memory, rank * _SLOT.size, now, float(busy))

    def silent(self, rank: int) -> float:
        """Seconds since `rank`, at work on a trial, has moved; 0 when it is not at work."""
        last, busy = _SLOT.unpack_from(self._memory, rank * _SLOT.size)
        return max(0.0, time.monotonic() - last) if busy else 0.0

    def stalled(self, after_s: float) -> bool:
        """Whether any rank has been silent for longer than that."""
        return any(self.silent(rank) > after_s for rank in range(self._ranks))
