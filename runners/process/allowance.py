"""How fast a log may grow: a burst, then so many lines a second. A reader could follow no more."""

import time
from typing import Final

LINES_PER_SECOND: Final = 50
BURST: Final = 1000


class Allowance:
    """Asked once for each line."""

    def __init__(self) -> None:
        self._left = float(BURST)
        self._filled_at = time.monotonic()
        self._left_out = 0

    def admit(self, text: str) -> str | None:
        """The line, with a notice above it when lines were left out; None when it is left out itself."""
        now = time.monotonic()
        self._left = min(BURST, self._left + (now - self._filled_at) * LINES_PER_SECOND)
        self._filled_at = now
        if self._left < 1:
            self._left_out += 1
            return None
        self._left -= 1
        if self._left_out:
            text = f"[{self._left_out} lines left out: more than {LINES_PER_SECOND} a second]\n{text}"
            self._left_out = 0
        return text
