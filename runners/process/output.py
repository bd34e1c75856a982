"""A child's stdout and stderr as log events: cleaned, cut, and not more of it than people can read."""

import os
import re
from collections import deque
from collections.abc import Callable
from pathlib import Path

from runners.process.allowance import Allowance
from runners.process.spool import Line, LineTail

MAX_LINE = 2000
MAX_TEXT = 8000
FORGET_BYTES = 4 * 2**20
_TAIL_LINES = 30
# Terminal colours and cursor moves, then every other control character but tab. NUL could not even be stored.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class OutputTail:
    """Follows `<child>.out` or `<child>.err`. `redact`: takes secrets out of a raw line."""

    def __init__(self, path: Path, offset: int, redact: Callable[[bytes], bytes]) -> None:
        self._tail = LineTail(path, offset, limit=64 * 2**10)
        self._redact = redact
        self._allowance = Allowance()
        self._last: deque[str] = deque(maxlen=_TAIL_LINES)

    @property
    def file(self) -> str:
        return self._tail.path.name

    def read(self, *, final: bool = False) -> list[tuple[str, int]]:
        """New text in pieces of at most `MAX_TEXT` characters, each with the file offset behind it.

        `final`: the file will not grow any more, so its torn last line counts too.
        """
        lines: list[Line] = self._tail.read()
        if final:
            while more := self._tail.read():
                lines += more
            rest = self._tail.rest()
            lines += [rest] if rest else []
        pieces: list[tuple[str, int]] = []
        for line in lines:
            text = self._admit(_clean(self._redact(line.text)))
            if text is None:
                continue
            if pieces and len(pieces[-1][0]) + len(text) < MAX_TEXT:
                pieces[-1] = (f"{pieces[-1][0]}\n{text}", line.end)
            else:
                pieces.append((text, line.end))
        return pieces

    def forget(self) -> None:
        """Nobody keeps it any more: give the disk back what was read. What is printed at this very moment may be lost."""
        if self._tail.offset > FORGET_BYTES and not self._tail.unread:
            os.truncate(self._tail.path, 0)
            self._tail.offset = 0

    def last_lines(self) -> str:
        """What the child said last, for the message when it died."""
        return "\n".join(self._last)

    def _admit(self, text: str) -> str | None:
        """See `Allowance.admit`. An empty line is none."""
        if not text:
            return None
        self._last.append(text)
        return self._allowance.admit(text)


def _clean(line: bytes) -> str:
    """What a terminal would show of the line at its end. A progress bar overwrites itself: its last state counts."""
    text = cleaned(line.decode(errors="replace").rstrip("\r").rpartition("\r")[2]).rstrip()
    if len(text) > MAX_LINE:
        text = f"{text[:MAX_LINE]} [{len(text) - MAX_LINE} characters cut]"
    return text


def cleaned(text: str) -> str:
    """Without colours, cursor moves and other control characters; line ends stay."""
    return _CONTROL.sub("", text)
