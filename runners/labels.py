"""Labels of runners: words by which a sweep says what it needs of one."""

import re
from collections.abc import Iterable
from typing import Final

LABEL: Final = r"^[a-z0-9][a-z0-9._-]{0,39}$"
MOST_LABELS: Final = 20
RULE: Final = "A label has 1 to 40 characters: small letters, digits, dots, dashes and underscores, and begins with a letter or digit."


class BadLabel(ValueError):
    """Not a label; the text says why."""


def read_labels(text: str) -> list[str]:
    """What was typed between commas or spaces, in order, each once. Raises `BadLabel`."""
    return clean_labels(re.split(r"[,\s]+", text.strip()))


def clean_labels(labels: Iterable[str]) -> list[str]:
    """Sorted, each once, in small letters. Raises `BadLabel`."""
    found = sorted({label.strip().lower() for label in labels} - {""})
    for label in found:
        if not re.fullmatch(LABEL, label):
            raise BadLabel(f"“{label}” is no label. {RULE}")
    if len(found) > MOST_LABELS:
        raise BadLabel(f"The most is {MOST_LABELS} labels.")
    return found
