"""Trial numbers as people and pages send them: `0-99,105`, or one by one."""

import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 100_000
_PIECE: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def read_ranges(texts: Iterable[str]) -> set[int]:
    """All of the numbers. What is no number is left out, and so is everything above `MOST` of them."""
    found: set[int] = set()
    for piece in (piece.strip() for text in texts for piece in text.split(",")):
        match = _PIECE.fullmatch(piece)
        if match is None:
            continue
        low, high = int(match[1]), int(match[2] or match[1])
        found.update(range(low, min(high, low + MOST - len(found) - 1) + 1))
        if len(found) >= MOST:
            break
    return found
