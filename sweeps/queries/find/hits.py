"""What a search finds, and in which order kinds are shown."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Hit:
    """One thing. `says`: where the words stand, or what else tells it from others. `state`: of a sweep, trial or runner.

    `team`: its team's name, where the person has several.
    """

    title: str
    url: str
    says: str = ""
    state: str = ""
    team: str = ""


@dataclass(frozen=True)
class Found:
    """Things of one kind. `more`: there are others. `url` (optional): where all of them are."""

    kind: str
    icon: str
    hits: tuple[Hit, ...]
    more: bool = False
    url: str = ""


AROUND: Final = 60
"""So many characters of a note on each side of a word."""


def around(text: str, words: tuple[str, ...]) -> str:
    """The piece of a text in which the first of the words stands; empty where none does."""
    flat = " ".join(text.split())
    places = [place for word in words if (place := flat.lower().find(word.lower())) >= 0]
    if not places:
        return ""
    begin, end = max(0, min(places) - AROUND), min(places) + 2 * AROUND
    return f"{'… ' if begin else ''}{flat[begin:end].strip()}{' …' if end < len(flat) else ''}"
