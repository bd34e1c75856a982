"""JSON Lines: one object a line. Its keys are the columns, in the order in which they first occur."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from sweeps.services.datasets.limits import BATCH_BYTES, BATCH_ROWS, MAX_COLUMNS, MAX_LINE_BYTES, MAX_ROWS
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows, check_columns

Cell = str | None

# Numbers stay as they are written: 1 and 1.0 are two labels, and no digit is lost.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


def read_jsonl(path: Path) -> FileRows:
    """Rows of a UTF-8 file. It is read twice: a column may first occur on the last line."""
    keys: dict[str, None] = {}
    for line, record, _size in _records(path):
        keys.update(dict.fromkeys(record))
        if len(keys) > MAX_COLUMNS:
            raise BadData(
                f"By line {line:,} the objects have more than {MAX_COLUMNS} different keys. Give all lines the same keys.",
                field="file",
            )
    if not keys:
        raise BadData("The file has no rows. Upload one with a JSON object on each line.", field="file")
    columns = check_columns(list(keys), "The file")
    return FileRows(columns, "line", _batches(path, list(keys)))


def _batches(path: Path, keys: list[str]) -> Iterator[Batch]:
    lines: list[int] = []
    rows: list[list[Cell]] = []
    size = 0
    for line, record, length in _records(path):
        lines.append(line)
        rows.append([json_cell(record.get(key)) for key in keys])
        size += length
        if len(rows) >= BATCH_ROWS or size >= BATCH_BYTES:
            yield _batch(lines, rows)
            lines, rows, size = [], [], 0
    if rows:
        yield _batch(lines, rows)


def _batch(lines: list[int], rows: list[list[Cell]]) -> Batch:
    return Batch(pa.array(lines, pa.int64()), [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)])


def json_cell(value: Any) -> Cell:
    """A value as text; null stays null, and what is nested stays JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any], int]]:
    """(line, object, bytes) of each line that is not blank."""
    count = 0
    with path.open("rb") as file:
        line = 0
        while data := file.readline(MAX_LINE_BYTES + 1):
            line += 1
            if len(data) > MAX_LINE_BYTES:
                raise BadData(
                    f"Line {line:,} is longer than {MAX_LINE_BYTES // 2**20} MiB. Put each object on a line of its own.",
                    field="file",
                )
            text = data.decode("utf-8-sig" if line == 1 else "utf-8").rstrip()
            if text:
                yield line, _record(text, line), len(data)
                count += 1
                if count > MAX_ROWS:
                    raise BadData(f"The file has more than {MAX_ROWS:,} rows. Upload a part of it.", field="file")


def _record(text: str, line: int) -> dict[str, Any]:
    if line == 1 and text.lstrip().startswith("["):
        raise BadData(
            "The file begins with a JSON array. Write it as JSON Lines: one object a line, without brackets and commas "
            "between them.",
            field="file",
        )
    try:
        value = _DECODER.decode(text)
        # A lone surrogate (\ud800) is no character and can't be stored.
        text.encode() if "\\u" not in text else json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadData(
            f"Line {line:,} holds half of a character (a lone \\ud800 to \\udfff). Write the whole character.",
            field="file",
        ) from None
    except RecursionError:
        raise BadData(f"Line {line:,} is nested too deeply. Use plain values.", field="file") from None
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadData(
            f"Line {line:,}{column} is no JSON ({reason}). Put one whole object on each line.", field="file"
        ) from None
    if not isinstance(value, dict):
        raise BadData(f'Line {line:,} is no JSON object. Write it as {{"text": …, "label": …}}.', field="file")
    return value
