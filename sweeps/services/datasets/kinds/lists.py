"""Lists of words: tokens, their tags, and any number of labels."""

from typing import Final

import pyarrow as pa

from sweeps.services.datasets.kinds.base import BadCell, Kind, each_cell, parsed_json, shown

_STRINGS: Final = pa.list_(pa.string())
_INDICES: Final = pa.list_(pa.int64())


def _words(row: int, cell: str, *, what: str) -> list[str] | None:
    """A JSON list, or words with white space between."""
    given = parsed_json(cell) if cell.lstrip().startswith("[") else None
    if not isinstance(given, list):
        return cell.split() or None
    for number, word in enumerate(given, start=1):
        if not isinstance(word, str) or not word.strip():
            raise BadCell(row, f"has {shown(word)} as its {what} {number}", f"Write each {what} as text in quotes.")
    return given or None


def _tokens(cells: pa.Array, _separator: str) -> pa.Array:
    return each_cell(cells, lambda row, cell: _words(row, cell, what="token"), _STRINGS)


def _tags(cells: pa.Array, _separator: str) -> pa.Array:
    return each_cell(cells, lambda row, cell: _words(row, cell, what="tag"), _STRINGS)


def _labels(cells: pa.Array, separator: str) -> pa.Array:
    """Each label once, blanks around taken off. An empty cell has no label; a missing one is missing."""

    def parse(row: int, cell: str) -> list[str]:
        given = parsed_json(cell) if cell.lstrip().startswith("[") else None
        found = given if isinstance(given, list) else cell.split(separator or ",")
        for label in found:
            if not isinstance(label, str):
                raise BadCell(row, f"has {shown(label)} in its list of labels", "Write each label as text in quotes.")
        return list(dict.fromkeys(label.strip() for label in found if label.strip()))

    return each_cell(cells, parse, _STRINGS)


TOKENS: Final = Kind(_tokens, (("", _STRINGS),))
TAGS: Final = Kind(_tags, (("", _INDICES),))
LABELS: Final = Kind(_labels, (("", _INDICES),))
