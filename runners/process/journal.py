"""A job's journal on disk: events numbered 1, 2, 3 …, each beside the place in a spool file that it came from.

A line is `{"origin":[<file>,<end offset>] or null,"event":{…}}`. Number and origin are written at one stroke, so after
a crash the journal alone tells how far each spool file has been taken in: nothing is numbered twice, nothing is left out.
"""

import contextlib
import errno
import os
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from runners.process.room import FULL
from runners.protocol.events import AnyEvent, event_adapter

MOST_WAITING = 32 * 2**20
_BEFORE_EVENT = b',"event":'
_ROUTINE = frozenset({"metrics", "log", "reported"})
"""Events that need not be on the disk before they are shipped: whoever lost them lost a curve's point, not a fact."""


class Origin(NamedTuple):
    """Where an event came from: the name of a file in the job's spool folder, and the offset behind it."""

    file: str
    end: int


def event_of(line: bytes) -> AnyEvent:
    """The event of a whole line of a journal. Raises ValidationError."""
    return event_adapter.validate_json(line[:-2].partition(_BEFORE_EVENT)[2])


class Journal:
    """Append only, one writer. Opening it drops a torn last line.

    `last_seq`, `last_t`: of the newest event, 0 when there is none. `origins`: file → the offset up to which it is in.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab+", buffering=0)
        # The start of each line in the file. Numbers may be missing (`skip_to`): they share their follower's start.
        self._starts = array("Q")
        self._size = 0
        self.last_seq = 0
        self.last_t = 0.0
        self.origins: dict[str, int] = {}
        self._facts_to_sync = False
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._scan()

    def append(self, fields: Mapping[str, Any], origin: Origin | None = None) -> AnyEvent:
        """Number an event and write it. Raises ValidationError when it is none, OSError.

        On a full disk it waits in memory for room, and is neither shipped nor safe until it is written.
        """
        event = event_adapter.validate_python({**fields, "seq": self.last_seq + 1})
        place = f'["{origin.file}",{origin.end}]' if origin else "null"
        line = b'{"origin":%s%s%s}\n' % (place.encode(), _BEFORE_EVENT, event_adapter.dump_json(event))
        if not self.flush() or not self._write(line):
            if self._waiting_bytes + len(line) > MOST_WAITING:
                raise OSError(errno.ENOSPC, f"no room for more events that wait to be written to {self._path}")
            self._waiting.append(line)
            self._waiting_bytes += len(line)
        else:
            self._starts.append(self._size)
            self._size += len(line)
        self._note(event, origin)
        return event

    @property
    def written_seq(self) -> int:
        """The newest event that is in the file. Later ones wait in memory while the disk is full."""
        return self.last_seq - len(self._waiting)

    def flush(self) -> bool:
        """Write what waits, as far as there is room. True when nothing waits any more."""
        while self._waiting:
            line = self._waiting[0]
            if not self._write(line):
                return False
            self._starts.append(self._size)
            self._size += len(line)
            self._waiting.popleft()
            self._waiting_bytes -= len(line)
        return True

    def _write(self, line: bytes) -> bool:
        """Append a line, whole or not at all; False on a full disk."""
        try:
            written = 0
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file.fileno(), self._size)
            if error.errno in FULL:
                return False
            raise
        return True

    def read(self, first_seq: int, max_events: int, max_bytes: int) -> list[bytes]:
        """Events `first_seq`, `first_seq` + 1, … as JSON; at least one where there is one, whatever its size."""
        first = first_seq - 1
        count = min(max_events, self.written_seq - first)
        if count <= 0:
            return []
        begin, last = self._starts[first], first + count
        if self._end(last) - begin > max_bytes:
            last = max(first + 1, bisect_right(self._starts, begin + max_bytes, first + 1, last) - 1)
        end = self._end(last)
        data = os.pread(self._file.fileno(), end - begin, begin)
        return [line.partition(_BEFORE_EVENT)[2][:-1] for line in data.splitlines()]

    @property
    def needs_sync(self) -> bool:
        """Whether `sync` must be called before more is shipped: there are facts that are not known to be on the disk."""
        return self._facts_to_sync

    def sync(self) -> None:
        """Put everything written so far on the disk. May be called from another thread."""
        self._facts_to_sync = False
        try:
            os.fsync(self._file.fileno())
        except OSError:
            self._facts_to_sync = True
            raise

    def skip_to(self, seq: int) -> None:
        """Go on above `seq`: the server has events that this file lost (the machine lost power)."""
        while self.last_seq < seq:
            self._starts.append(self._size)
            self.last_seq += 1

    def cut(self, seq: int) -> None:
        """Drop the events from `seq` on, which the server will never take."""
        while self._waiting and self.last_seq >= seq:
            self._waiting_bytes -= len(self._waiting.pop())
            self.last_seq -= 1
        if seq > self.last_seq:
            return
        self._size = self._starts[seq - 1]
        os.ftruncate(self._file.fileno(), self._size)
        del self._starts[seq - 1 :]
        self.last_seq = seq - 1

    def events(self) -> Iterator[AnyEvent]:
        """All events, oldest first."""
        with self._path.open("rb") as file:
            for line in file:
                yield event_of(line)

    def close(self) -> None:
        self._file.close()

    def _end(self, count: int) -> int:
        """The offset behind the first `count` events."""
        return self._starts[count] if count < len(self._starts) else self._size

    def _scan(self) -> None:
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                head, _, event_json = line[:-2].partition(_BEFORE_EVENT)
                try:
                    event = event_adapter.validate_json(event_json)
                except ValidationError:
                    break  # a page that never reached the disk; what follows cannot be trusted either
                name, _, end = head.removeprefix(b'{"origin":').strip(b"[]").rpartition(b",")
                self.skip_to(event.seq - 1)
                self._starts.append(self._size)
                self._size += len(line)
                self._note(event, Origin(name.strip(b'"').decode(), int(end)) if name else None)
        os.ftruncate(self._file.fileno(), self._size)
        self._facts_to_sync = self.last_seq > 0

    def _note(self, event: AnyEvent, origin: Origin | None) -> None:
        self.last_seq = event.seq
        self.last_t = max(self.last_t, event.t)
        if event.type not in _ROUTINE:
            self._facts_to_sync = True
        if origin:
            self.origins[origin.file] = origin.end
