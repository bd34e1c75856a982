"""What a reader gives: the file's own columns, in batches, with the place of each row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import pyarrow as pa

from sweeps.services.datasets.limits import MAX_COLUMNS, MAX_NAME_CHARS
from sweeps.services.datasets.problems import BadData

Unit = Literal["line", "row", "file"]
"""How a place is named: line 17 of a text, row 17 of a table, a file of an archive."""


class Batch(NamedTuple):
    """`places`: int64 (line or row, from 1) or string (file); `cells`: one array a column, strings or bytes, with nulls."""

    places: pa.Array
    cells: list[pa.Array]


@dataclass(frozen=True)
class FileRows:
    """A file, opened: `batches` reads it and raises `BadData` where it is bad. `images`, `sounds`: indices of columns
    of images and of audio."""

    columns: tuple[str, ...]
    unit: Unit
    batches: Iterator[Batch]
    images: frozenset[int] = frozenset()
    sounds: frozenset[int] = frozenset()


def check_columns(names: list[str], where: str) -> tuple[str, ...]:
    """Column names as people see them. Refuses doubles and monsters; a nameless column is called by its number."""
    shown = [name.strip() or f"column {number}" for number, name in enumerate(names, start=1)]
    if len(shown) > MAX_COLUMNS:
        raise BadData(f"{where} has {len(shown):,} columns; at most {MAX_COLUMNS} are read. Leave the others out.")
    for name in shown:
        if len(name) > MAX_NAME_CHARS:
            raise BadData(
                f"{where} has a column name of {len(name):,} characters, beginning {name[:40]!r}. Is its first line a header? "
                "Put the column names there."
            )
        if not name.isprintable():
            raise BadData(f"{where} has the column name {name[:60]!r}, which can't be shown. Rename the column.")
    double = next((name for name in shown if shown.count(name) > 1), None)
    if double is not None:
        raise BadData(f"{where} names the column {double!r} twice. Rename one of them.")
    return tuple(shown)
