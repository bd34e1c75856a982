"""Numbers, for regression."""

import math
from typing import Final

import pyarrow as pa

from sweeps.services.datasets.kinds.base import BadCell, Kind, each_cell, shown


def _number(row: int, cell: str) -> float | None:
    text = cell.strip()
    if not text:
        return None
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadCell(row, f"has {shown(text)}, which is no number", "Write it like 3.5, with a point.")
    return number


NUMBER: Final = Kind(lambda cells, _separator: each_cell(cells, _number, pa.float64()), (("", pa.float64()),))
