"""What is looked for."""

import re
from dataclasses import dataclass
from typing import Final

WORDS: Final = 6
"""So many words and values are looked for; further ones are left out."""
LONGEST: Final = 200
_PAIR: Final = re.compile(r"([A-Za-z_][\w.]*)=(\S+)")


@dataclass(frozen=True)
class Looked:
    """`text`: as written. `words`: all of them must stand in a thing. `pairs`: values that a trial must have, by name."""

    text: str
    words: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]

    def __bool__(self) -> bool:
        return bool(self.words or self.pairs)


def read_looked(text: str) -> Looked:
    """What a person has written. Blanks about an equals sign don't matter: `learning_rate = 1e-4` is one value."""
    text = " ".join(text.replace("\0", "").split())[:LONGEST]
    parts = re.sub(r"\s*=\s*", "=", text).split()[:WORDS]
    pairs = [match for part in parts if (match := _PAIR.fullmatch(part))]
    return Looked(
        text=text,
        words=tuple(part for part in parts if not _PAIR.fullmatch(part)),
        pairs=tuple((match[1], match[2]) for match in pairs),
    )
