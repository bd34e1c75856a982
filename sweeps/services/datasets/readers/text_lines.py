"""Plain text: each line that is not blank is a row of the column `text`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa

from sweeps.services.datasets.limits import BATCH_BYTES, BATCH_ROWS, MAX_ROWS, MAX_TEXT_CHARS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows

NAMES: Final = (".txt", ".text")


def read_text_lines(path: Path) -> FileRows:
    """Rows of a UTF-8 file."""
    return FileRows(("text",), "line", _batches(path))


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text without its end) of each line, blank ones too."""
    with path.open(encoding="utf-8-sig", newline=None) as file:
        number = 0
        while line := file.readline(MAX_TEXT_CHARS + 2):
            number += 1
            if len(line) > MAX_TEXT_CHARS + 1:
                raise BadData(
                    f"Line {number:,} is longer than {MAX_TEXT_CHARS:,} characters. Break it into lines.", field="file"
                )
            yield number, line.rstrip("\n")


def _batches(path: Path) -> Iterator[Batch]:
    lines: list[int] = []
    rows: list[str] = []
    size = total = 0
    for number, line in text_lines(path):
        if not line.strip():
            continue
        lines.append(number)
        rows.append(line)
        size += len(line)
        total += 1
        if total > MAX_ROWS:
            raise BadData(f"The file has more than {MAX_ROWS:,} rows. Upload a part of it.", field="file")
        if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield Batch(pa.array(lines, pa.int64()), [pa.array(rows, pa.string())])
            lines, rows, size = [], [], 0
    if rows:
        yield Batch(pa.array(lines, pa.int64()), [pa.array(rows, pa.string())])
