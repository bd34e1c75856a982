"""What is in the chosen columns: labels as codes, and which inputs are there."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sweeps.services.datasets.limits import MAX_LABELS, MAX_TEXT_CHARS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.table import Table

_CONTROL: Final = r"[\x00-\x08\x0e-\x1f\x7f]"
"""Control characters that no text has: all but tab, line breaks and form feed."""


def encoded_labels(table: Table, column: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    """A code for each row, -1 where the label is missing or blank, and the label of each code. Blanks around don't count."""
    cells = pc.utf8_trim_whitespace(table.column(column))
    cells = pc.if_else(pc.equal(cells, ""), None, cells).combine_chunks()
    encoded = pc.dictionary_encode(cells)
    if len(encoded.dictionary) > max(MAX_LABELS, table.rows // 2):
        raise BadData(
            f"The column {column!r} has {len(encoded.dictionary):,} different values in {table.rows:,} rows, so it does not "
            "look like a label. Choose another label column.",
            field="label_column",
        )
    codes = pc.fill_null(pc.cast(encoded.indices, pa.int64()), -1).to_numpy(zero_copy_only=False)
    return np.array(codes, dtype=np.int64), encoded.dictionary.to_pylist()


def complete_inputs(table: Table, column: str) -> npt.NDArray[np.bool_]:
    """Whether each row has an input. A text with control characters, or a monstrous one, is refused with its place."""
    found: list[npt.NDArray[np.bool_]] = []
    start = 0
    for cells in table.batches(column):
        if column in table.images:
            there = pc.is_valid(cells)
        else:
            _check_texts(table, cells, start, column)
            there = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False)
        found.append(np.array(there.to_numpy(zero_copy_only=False), dtype=np.bool_))
        start += len(cells)
    return np.concatenate(found)


def _check_texts(table: Table, cells: pa.Array, start: int, column: str) -> None:
    bad = pc.fill_null(pc.match_substring_regex(cells, _CONTROL), False)
    row = pc.index(bad, True).as_py()
    if row >= 0:
        text = cells[row].as_py()
        code = next(ord(c) for c in text if (ord(c) < 32 and c not in "\t\n\v\f\r") or ord(c) == 127)
        raise BadData(
            f"{table.place(start + row)} has the control character U+{code:04X} in the column {column!r}. "
            "Take it out of the file.",
            field="input_column",
        )
    long = pc.fill_null(pc.greater(pc.utf8_length(cells), MAX_TEXT_CHARS), False)
    row = pc.index(long, True).as_py()
    if row >= 0:
        raise BadData(
            f"{table.place(start + row)} has a text of {len(cells[row].as_py()):,} characters in the column {column!r}; "
            f"at most {MAX_TEXT_CHARS:,} are read. Shorten it.",
            field="input_column",
        )
