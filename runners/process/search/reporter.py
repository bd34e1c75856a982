"""A child's events, onto its spool file, and a nudge to the supervisor."""

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from runners.process.room import FULL, give_up
from runners.protocol.base import write_number

MOST_WAITING: Final = 16 * 2**20
PATIENCE_S: Final = 600.0
RETRY_S: Final = 1.0


class Emits(Protocol):
    """Where a trial's events go."""

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        """Write an event. With `sync` it is safe when this returns."""


class Reporter:
    """Appends one line of JSON per event: `{"t": …, "type": …, …}`, without a `seq`.

    On a full disk lines wait in memory, up to `MOST_WAITING` bytes, for room; what must be safe waits here. After
    `PATIENCE_S` this process gives up, and the trial begins again elsewhere or later. No line is ever left torn.

    The file is locked for as long as this process lives: other children tell by the lock that it does. `poke` is
    called after each line and must not block.
    """

    def __init__(self, path: Path, t0: float, poke: Callable[[], None]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._size = os.fstat(self._file.fileno()).st_size
        self._waiting = bytearray()
        self._t0 = t0
        # Ray's driver writes from two threads.
        self._lock = threading.Lock()
        self._poke = poke

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        """Write an event. With `sync` it is on the disk when this returns."""
        line = {"t": max(0.0, time.monotonic() - self._t0), "type": type_, **fields}
        data = json.dumps(line, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        with self._lock:
            self._waiting += data
            deadline = time.monotonic() + PATIENCE_S
            while not self._write(sync=sync) and (sync or len(self._waiting) > MOST_WAITING):
                if time.monotonic() > deadline:
                    give_up()
                time.sleep(RETRY_S)
        self._poke()

    def _write(self, *, sync: bool) -> bool:
        """Put what waits into the file; False when there is no room for all of it, and then for none."""
        try:
            written = 0
            while written < len(self._waiting):
                # A write may be cut short before one fails.
                written += self._file.write(memoryview(self._waiting)[written:])
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            if error.errno not in FULL:
                raise
            os.ftruncate(self._file.fileno(), self._size)
            return False
        self._size += written
        self._waiting = bytearray()
        return True

    def close(self) -> None:
        """Let go of the file; this child then counts as dead."""
        self._file.close()


class Silent:
    """Tells nobody: for a process whose trial another one tells of."""

    def emit(self, type_: str, *, sync: bool = False, **fields: Any) -> None:
        """Nothing."""


def number(value: float) -> float | str:
    """A float as JSON can hold it: NaN and the infinities by name."""
    return write_number(float(value))


def numbers(values: dict[str, float]) -> dict[str, float | str]:
    """`number` of each value."""
    return {name: number(value) for name, value in values.items()}


def alive(spool_file: Path) -> bool:
    """Whether the child that writes this file is still there."""
    try:
        with spool_file.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
