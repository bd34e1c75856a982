"""Texts, labels, images and audio: cells as they are."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sweeps.services.datasets.kinds.base import BadCell, Kind
from sweeps.services.datasets.limits import MAX_TEXT_CHARS

_CONTROL: Final = r"[\x00-\x08\x0e-\x1f\x7f]"
"""Control characters that no text has: all but tab, line breaks and form feed."""


def _text(cells: pa.Array, _separator: str) -> pa.Array:
    """A text with control characters, or a monstrous one, is refused; a blank one is nothing."""
    row = pc.index(pc.fill_null(pc.match_substring_regex(cells, _CONTROL), False), True).as_py()
    if row >= 0:
        code = control_code(cells[row].as_py())
        raise BadCell(row, f"has the control character U+{code:04X}", "Take it out of the file.")
    row = pc.index(pc.fill_null(pc.greater(pc.utf8_length(cells), MAX_TEXT_CHARS), False), True).as_py()
    if row >= 0:
        raise BadCell(
            row,
            f"has a text of {len(cells[row].as_py()):,} characters",
            f"Shorten it: at most {MAX_TEXT_CHARS:,} are read.",
        )
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(cells), ""), None, cells)


def control_code(text: str) -> int:
    """The first control character; there must be one."""
    return next(ord(c) for c in text if (ord(c) < 32 and c not in "\t\n\v\f\r") or ord(c) == 127)


def _label(cells: pa.Array, _separator: str) -> pa.Array:
    """Blanks around don't count."""
    trimmed = pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


TEXT: Final = Kind(_text, (("", pa.string()),))
LABEL: Final = Kind(_label, (("", pa.int64()),))
MEDIA: Final = Kind(lambda cells, _separator: cells, (("", pa.binary()),))
