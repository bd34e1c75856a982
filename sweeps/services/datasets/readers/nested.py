"""Lists, maps and structs of a Parquet file as JSON in a column of text."""

import datetime
import decimal
import json
from typing import Any

import pyarrow as pa

from sweeps.services.datasets.problems import BadData


def nested(array: pa.Array, first: int, names: list[str] | None, column: str) -> pa.Array:
    """`first`: the number of the first row. `names`: of classes, where the lists hold their numbers."""
    try:
        values = array.to_pylist()
    except UnicodeDecodeError:
        raise BadData(
            f"A row from {first:,} on of the column {column!r} is not UTF-8. Write the file with text in UTF-8.",
            field="file",
        ) from None
    return pa.array([_cell(value, first + row, names, column) for row, value in enumerate(values)], pa.string())


def _cell(value: Any, row: int, names: list[str] | None, column: str) -> str | None:
    if value is None:
        return None
    if names and isinstance(value, list):
        value = [_name(number, row, names, column) for number in value]
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _name(number: Any, row: int, names: list[str], column: str) -> str:
    if not isinstance(number, int) or not 0 <= number < len(names):
        raise BadData(
            f"Row {row:,} of the column {column!r} has the class {number}, and the file names {len(names)} classes. "
            "Mend the class numbers.",
            field="file",
        )
    return names[number]


def _plain(value: object) -> str:
    """What JSON has no word for."""
    if isinstance(value, datetime.date | datetime.time | decimal.Decimal):
        return str(value)
    return repr(value)
