"""CSV and TSV, also with semicolons or bars, read with Python's csv module row by row."""

import contextlib
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from sweeps.services.datasets.limits import BATCH_BYTES, BATCH_ROWS, MAX_ROWS, MAX_TEXT_CHARS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows, check_columns

DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
SAMPLE_CHARS: Final = 2**18
SAMPLE_ROWS: Final = 100


def read_delimited(path: Path, name: str) -> FileRows:
    """Rows of a UTF-8 file with a header line; blank lines are skipped. `name` decides between equally good delimiters."""
    with _open(path) as file:
        sample = file.read(SAMPLE_CHARS)
    delimiter = detect_delimiter(sample, prefer="\t" if name.lower().endswith((".tsv", ".tab")) else ",")
    with _open(path) as file:
        header = next((row for _line, row in _rows(file, delimiter) if row), None)
    if header is None:
        raise BadData("The file is empty. Upload one with a header line and rows.", field="file")
    if len(header) < 2:
        raise BadData(
            "The first line has one column only, whichever of comma, semicolon, tab and bar divides it. "
            "Upload a file with a header line that names at least two columns, or plain text as .txt.",
            field="file",
        )
    return FileRows(check_columns(header, "The header line"), "line", _batches(path, delimiter, len(header)))


def is_table(path: Path) -> bool:
    """Whether nearly all of a text's first rows have as many fields as its first line, and that line has two or more,
    without the blanks that sentences have behind their commas."""
    with _open(path) as file:
        sample = file.read(SAMPLE_CHARS)
    delimiter = detect_delimiter(sample)
    header = (sample.splitlines() or [""])[0]
    return f"{delimiter} " not in header and _fit(sample, delimiter) > 0.9


def detect_delimiter(sample: str, *, prefer: str = ",") -> str:
    """The delimiter that divides the header, and most rows into as many fields as the header has."""
    order = sorted(DELIMITERS, key=lambda delimiter: delimiter != prefer)
    return max(order, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> float:
    """Share of the sample's first rows that have the header's number of fields; 0 when that is one."""
    lines = sample.splitlines(keepends=True)
    if len(sample) == SAMPLE_CHARS and len(lines) > 1:
        lines.pop()
    lengths: list[int] = []
    # The last row of the sample may be cut in two; what came before it counts.
    with contextlib.suppress(csv.Error):
        lengths.extend(len(row) for row in itertools.islice(_reader(iter(lines), delimiter), SAMPLE_ROWS) if row)
    if not lengths or lengths[0] < 2:
        return 0.0
    return lengths.count(lengths[0]) / len(lengths)


def _open(path: Path) -> IO[str]:
    return path.open(encoding="utf-8-sig", newline="")


def _reader(lines: Iterator[str], delimiter: str) -> Any:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _rows(file: IO[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, fields) of each row; BadData for broken quotes and fields without end."""
    reader = _reader(iter(file), delimiter)
    start = 1
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + 1
    except csv.Error as error:
        raise _explained(error, start, reader.line_num, delimiter) from None


def _explained(error: csv.Error, start: int, line: int, delimiter: str) -> BadData:
    text = str(error)
    if "field larger" in text:
        return BadData(
            f"A field in the row that begins on line {start:,} is longer than {MAX_TEXT_CHARS:,} characters. Close the "
            "quote that is open there, or shorten the text.",
            field="file",
        )
    if "unexpected end" in text:
        return BadData(
            f"The quote opened in the row that begins on line {start:,} is never closed. Close it; a quote inside a "
            'quoted field is written twice ("").',
            field="file",
        )
    if "expected after" in text:
        return BadData(
            f'On line {line:,} text follows a closing quote. Write a quote inside a quoted field twice (""), and put a '
            f"{DELIMITERS[delimiter]} after the closing one.",
            field="file",
        )
    return BadData(f"Line {line:,} can't be read as {DELIMITERS[delimiter]}-separated text ({text}).", field="file")


def _batches(path: Path, delimiter: str, width: int) -> Iterator[Batch]:
    lines: list[int] = []
    rows: list[list[str]] = []
    size = total = 0
    with _open(path) as file:
        filled = ((line, row) for line, row in _rows(file, delimiter) if row)
        next(filled)
        for line, row in filled:
            if len(row) != width:
                raise BadData(
                    f"Line {line:,} has {len(row)} field{'' if len(row) == 1 else 's'}, and the header has {width}. "
                    f"Put a field that holds a {DELIMITERS[delimiter]} or a line break in double quotes.",
                    field="file",
                )
            lines.append(line)
            rows.append(row)
            size += sum(map(len, row))
            if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
                total += len(rows)
                if total > MAX_ROWS:
                    raise BadData(f"The file has more than {MAX_ROWS:,} rows. Upload a part of it.", field="file")
                yield _batch(lines, rows)
                lines, rows, size = [], [], 0
    if rows:
        yield _batch(lines, rows)


def _batch(lines: list[int], rows: list[list[str]]) -> Batch:
    return Batch(pa.array(lines, pa.int64()), [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)])
