"""What a kind of column is."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


class BadCell(Exception):
    """A cell that is wrong. `row`: from 0 in its batch; `why`: continues "Line 17 "; `mend`: a sentence."""

    def __init__(self, row: int, why: str, mend: str) -> None:
        super().__init__(why)
        self.row = row
        self.why = why
        self.mend = mend


@dataclass(frozen=True)
class Kind:
    """`parse`: cells as they were read, and the mapping's separator → values, null where a cell has nothing. Raises `BadCell`.

    `columns`: canonical columns by suffix-free name and type; an empty name is the role's own. `parts`: values → those
    columns, where they are not the values themselves.
    """

    parse: Callable[[pa.Array, str], pa.Array]
    columns: tuple[tuple[str, pa.DataType], ...]
    parts: Callable[[pa.Array], list[pa.Array]] | None = None


def parsed_json(cell: str) -> Any:
    """The JSON value in a cell; None where it is none. Numbers are kept as they are written."""
    try:
        return json.loads(cell, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def each_cell(cells: pa.Array, parse: Callable[[int, str], Any], kind: pa.DataType) -> pa.Array:
    """`parse` (row, cell) over cells that are not missing."""
    values = [None if cell is None else parse(row, cell) for row, cell in enumerate(cells.to_pylist())]
    return pa.array(values, kind)


def shown(value: object) -> str:
    """A value in a sentence, cut."""
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
