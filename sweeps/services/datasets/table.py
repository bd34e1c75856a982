"""A file's rows as one Parquet file of text columns (and images), read by column afterwards.

Reading a file is slow and finds its faults; choosing columns must be quick and is done many times. So what was read is
kept beside the upload. It is a cache: made again when it is gone.
"""

import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers import FileRows, Unit

_KEY: Final = b"hpweb.table"
VERSION: Final = 2
"""Raise it when tables are written differently: older ones are then made again."""


@dataclass(frozen=True)
class Table:
    """`columns`: the file's own names, in its order. `images`, `sounds`: those that hold images or audio."""

    path: Path
    columns: tuple[str, ...]
    images: frozenset[str]
    unit: Unit
    rows: int
    sounds: frozenset[str] = frozenset()

    def media(self, name: str) -> str:
        """`image`, `audio`, or "" for a column of text."""
        return "image" if name in self.images else "audio" if name in self.sounds else ""

    @property
    def holds(self) -> str:
        """`image` or `audio` where a column does, else ""."""
        return "image" if self.images else "audio" if self.sounds else ""

    def column(self, name: str) -> pa.ChunkedArray:
        """All cells of a column."""
        return pq.read_table(self.path, columns=[self._stored(name)]).column(0)

    def batches(self, name: str) -> Iterator[pa.Array]:
        """A column's cells, batch by batch as they were read."""
        with pq.ParquetFile(self.path) as file:
            for group in range(file.num_row_groups):
                yield from file.read_row_group(group, columns=[self._stored(name)]).column(0).chunks

    def rows_of(self, names: Sequence[str]) -> Iterator[list[pa.Array]]:
        """The cells of several columns, in that order, batch by batch as they were read."""
        stored = [self._stored(name) for name in names]
        with pq.ParquetFile(self.path) as file:
            for group in range(file.num_row_groups):
                cells = file.read_row_group(group, columns=stored)
                yield [cells.column(name).combine_chunks() for name in stored]

    def head(self, rows: int) -> list[dict[str, Any]]:
        """The first rows, by column name."""
        with pq.ParquetFile(self.path) as file:
            batch = next(file.iter_batches(batch_size=rows, columns=[self._stored(name) for name in self.columns]))
        return [dict(zip(self.columns, cells.values(), strict=True)) for cells in batch.to_pylist()]

    def place(self, row: int) -> str:
        """Where a row (from 0) lies in the file, to begin a sentence with."""
        places = pq.read_table(self.path, columns=["place"]).column(0)
        value = places[row].as_py()
        return f"The file {value!r}" if self.unit == "file" else f"{self.unit.capitalize()} {value:,}"

    def _stored(self, name: str) -> str:
        return f"c{self.columns.index(name)}"


def write_table(rows: FileRows, path: Path) -> Table:
    """Read all rows into a table at `path`, which is whole or not there. Raises what reading raises."""
    media = rows.images | rows.sounds
    image = [index in media for index in range(len(rows.columns))]
    schema = pa.schema(
        [
            pa.field("place", pa.string() if rows.unit == "file" else pa.int64()),
            *(pa.field(f"c{index}", pa.binary() if is_image else pa.string()) for index, is_image in enumerate(image)),
        ],
        metadata={
            _KEY: json.dumps(
                {
                    "version": VERSION,
                    "columns": rows.columns,
                    "images": [rows.columns[index] for index in sorted(rows.images)],
                    "sounds": [rows.columns[index] for index in sorted(rows.sounds)],
                    "unit": rows.unit,
                }
            )
        },
    )
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    count = 0
    try:
        compression = {f"c{index}": "none" if is_image else "lz4" for index, is_image in enumerate(image)}
        with pq.ParquetWriter(
            temporary, schema, compression=compression | {"place": "lz4"}, use_dictionary=False, write_statistics=False
        ) as writer:
            for batch in rows.batches:
                writer.write_table(pa.Table.from_arrays([batch.places, *batch.cells], schema=schema))
                count += len(batch.places)
        if not count:
            raise BadData("The file has a header and no rows. Upload one with rows.", field="file")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return open_table(path)


def open_table(path: Path) -> Table:
    """A table that was written before. FileNotFoundError, or ValueError when it must be made again."""
    try:
        with pq.ParquetFile(path) as file:
            facts = json.loads(file.schema_arrow.metadata[_KEY])
            rows = file.metadata.num_rows
    except (pa.ArrowException, KeyError, TypeError) as error:
        raise ValueError(f"{path.name} is no table") from error
    if facts.get("version") != VERSION:
        raise ValueError(f"{path.name} was written by another version")
    os.utime(path)
    return Table(
        path, tuple(facts["columns"]), frozenset(facts["images"]), facts["unit"], rows, frozenset(facts["sounds"])
    )
