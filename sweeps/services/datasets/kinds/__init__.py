"""Kinds of columns: what a cell may hold, and the canonical values that it becomes."""

from typing import Final

from sweeps.services.datasets.kinds.answers import ANSWERS
from sweeps.services.datasets.kinds.base import BadCell, Kind
from sweeps.services.datasets.kinds.lists import LABELS, TAGS, TOKENS
from sweeps.services.datasets.kinds.messages import MESSAGES
from sweeps.services.datasets.kinds.number import NUMBER
from sweeps.services.datasets.kinds.plain import LABEL, MEDIA, TEXT
from sweeps.services.datasets.roles import KindName

KINDS: Final[dict[KindName, Kind]] = {
    "text": TEXT,
    "label": LABEL,
    "labels": LABELS,
    "number": NUMBER,
    "tokens": TOKENS,
    "tags": TAGS,
    "answers": ANSWERS,
    "messages": MESSAGES,
    "image": MEDIA,
    "audio": MEDIA,
}

__all__ = ["KINDS", "BadCell", "Kind"]
