"""A child's pace in a small file that the supervisor maps too: a step costs one write into memory, and nothing is sent."""

import contextlib
import mmap
import struct
from pathlib import Path

from runners.process.packing.observed import Pace

_SHAPE = struct.Struct("<QQdQQ")
"""Steps, samples, busy seconds, peak bytes, rows of a batch. One `pack_into` of 40 bytes; a torn read spoils one look only."""


def progress_file(spool: Path, child: str) -> Path:
    return spool / f"{child}.pace"


class ProgressWriter:
    """The child's end."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(_SHAPE.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SHAPE.size)

    def write(self, steps: int, samples: int, busy: float, peak: int, batch: int) -> None:
        """The figures of `Pace`, all of this child's life."""
        _SHAPE.pack_into(self._map, 0, steps, samples, busy, peak, batch)


class ProgressReader:
    """The supervisor's end. Reads nothing until the child has made its file."""

    def __init__(self, spool: Path, child: str) -> None:
        self._path = progress_file(spool, child)
        self._child = child
        self._map: mmap.mmap | None = None

    def read(self, *, working: bool) -> Pace:
        if self._map is None:
            with contextlib.suppress(OSError, ValueError), self._path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), _SHAPE.size, access=mmap.ACCESS_READ)
        if self._map is None:
            return Pace(self._child, working=working)
        steps, samples, busy, peak, batch = _SHAPE.unpack_from(self._map, 0)
        return Pace(self._child, steps, samples, busy, peak, batch, working)

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
