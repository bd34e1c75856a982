"""Following a growing file by whole lines."""

import os
from pathlib import Path
from typing import NamedTuple

CHUNK = 2**20


class Line(NamedTuple):
    """A line without its newline, and the file offset at which the next one begins."""

    text: bytes
    end: int


class LineTail:
    """Reads what was appended to `path` since `offset`, whole lines only; a torn last line waits for its end.

    A line that has not ended after `limit` bytes is given out in pieces of that size (progress bars never end theirs).
    """

    def __init__(self, path: Path, offset: int = 0, *, limit: int = 8 * 2**20) -> None:
        self.path = path
        self.offset = offset
        self._limit = limit
        self._partial = b""

    def read(self) -> list[Line]:
        """The next lines, at most about a mebibyte of them; empty when there is nothing new. The file may not exist yet."""
        start = self.offset + len(self._partial)
        try:
            with self.path.open("rb", buffering=0) as file:
                if os.fstat(file.fileno()).st_size <= start:
                    return []
                file.seek(start)
                data = self._partial + file.read(CHUNK)
        except FileNotFoundError:
            return []
        *whole, self._partial = data.split(b"\n")
        lines = []
        for text in whole:
            self.offset += len(text) + 1
            lines.append(Line(text, self.offset))
        while len(self._partial) >= self._limit:
            piece, self._partial = self._partial[: self._limit], self._partial[self._limit :]
            self.offset += len(piece)
            lines.append(Line(piece, self.offset))
        return lines

    @property
    def unread(self) -> bool:
        """Whether there is more in the file than was given out."""
        try:
            return self.path.stat().st_size > self.offset
        except FileNotFoundError:
            return False

    def rest(self) -> Line | None:
        """The torn last line of a file that will not grow any more."""
        if not self._partial:
            return None
        self.offset += len(self._partial)
        line, self._partial = Line(self._partial, self.offset), b""
        return line
