"""The table as a file: CSV, JSON or Parquet. Written piece by piece, so that no number of trials fills the memory."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.models import Sweep
from sweeps.queries.table.cells import cell
from sweeps.queries.table.columns import Column, Columns
from sweeps.queries.table.look import Look
from sweeps.queries.table.rows import Row, all_rows

Lines = Iterator[list[Row]]
KINDS: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
FORMATS: Final = tuple(KINDS)


def exported(sweep: Sweep, look: Look, columns: Columns, form: str) -> Iterator[bytes]:
    """The file in pieces. `form`: one of `FORMATS`. FilterProblem at the first piece."""
    wanted = [column for column in columns if column.kind != "words"]
    writers: dict[str, Callable[[list[Column], Lines], Iterator[bytes]]] = {
        "csv": _csv,
        "json": _json,
        "parquet": _parquet,
    }
    return writers[form](wanted, all_rows(sweep, look, columns))


def header(column: Column) -> str:
    """The column's name in a file: what stands there, without a blank: `param.learning_rate`, `value.eval_loss`."""
    if column.part == "value":
        return f"value.{column.label}"
    return column.id.replace(":", ".", 1)


def _csv(columns: list[Column], lines: Lines) -> Iterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([header(column) for column in columns])
    for rows in lines:
        writer.writerows([[_in_csv(cell(column, row)) for column in columns] for row in rows])
        yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece


def _in_csv(value: Any) -> Any:
    if isinstance(value, list):
        value = ";".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in "=+-@\t\r" and value not in {"-inf", ""}:
        # A spreadsheet would take it for a formula.
        return f"'{value}"
    return value.isoformat() if isinstance(value, datetime) else value


def _json(columns: list[Column], lines: Lines) -> Iterator[bytes]:
    yield b"["
    before = ""
    for rows in lines:
        for row in rows:
            found = {header(column): _in_json(cell(column, row)) for column in columns}
            yield f"{before}\n{json.dumps(found, ensure_ascii=False)}".encode()
            before = ","
    yield b"\n]\n"


def _in_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _parquet(columns: list[Column], lines: Lines) -> Iterator[bytes]:
    schema = pa.schema([(header(column), _type(column)) for column in columns])
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        for rows in lines:
            values = [[_in_parquet(column, cell(column, row)) for row in rows] for column in columns]
            writer.write_table(pa.table(values, schema=schema))
            yield sink.taken()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """A file that only grows: what was written is taken away, and its place stays counted."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _type(column: Column) -> pa.DataType:
    if column.part in {"number", "seed", "version"}:
        return pa.int64()
    if column.kind == "tags":
        return pa.list_(pa.string())
    if column.kind == "truth":
        return pa.bool_()
    if column.kind == "since":
        return pa.timestamp("ms", tz="UTC")
    return pa.float64() if column.kind in {"number", "duration"} else pa.string()


def _in_parquet(column: Column, value: Any) -> Any:
    if column.kind in {"number", "duration"} and column.part not in {"number", "seed", "version"}:
        return None if value is None or isinstance(value, bool) else float(value)
    if column.kind in {"any", "text"} and value is not None:
        return str(value).lower() if isinstance(value, bool) else str(value)
    return value
