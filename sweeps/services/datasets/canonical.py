"""The canonical rows of a task, written as two Parquet files: what runners read (`runners.protocol.spec.ArtifactData`).

The same rows in the same order give the same bytes, so the same hash, with one version of pyarrow.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.services.datasets.kinds import KINDS
from sweeps.services.datasets.preview import Preview
from sweeps.services.datasets.roles import Layout

TRAIN: Final = 0
EVAL: Final = 1
LEFT_OUT: Final = -1
SPLITS: Final = ("train", "eval")


@dataclass(frozen=True)
class RowBatch:
    """Some rows. `columns`: canonical ones, in the schema's order; `sides`: int8, TRAIN, EVAL or LEFT_OUT."""

    columns: list[pa.Array]
    sides: npt.NDArray[np.int8]


@dataclass(frozen=True)
class CanonicalRows:
    """What a version is made from: a layout, its roles that are there, labels in order, and rows in order, read once."""

    layout: Layout
    roles: tuple[str, ...]
    labels: tuple[str, ...]
    batches: Iterable[RowBatch]

    @property
    def schema(self) -> pa.Schema:
        return canonical_schema(self.layout, self.roles)


@dataclass(frozen=True)
class Written:
    """Two files on disk, rows and rows (or tokens) by label of each, and the first rows of each for people."""

    train: Path
    eval: Path
    rows: dict[str, int]
    counts: dict[str, npt.NDArray[np.int64]]
    preview: list[dict[str, Any]]

    def summary(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """`{"train": {"rows", "labels": {label: count}}, "eval": {…}}`, labels in order."""
        return {
            split: {
                "rows": self.rows[split],
                "labels": {label: int(count) for label, count in zip(labels, counts, strict=True)},
            }
            for split, counts in self.counts.items()
        }


def canonical_schema(layout: Layout, roles: Collection[str]) -> pa.Schema:
    """The columns of the roles that are there, in the layout's order."""
    return pa.schema(
        [
            pa.field(name or role.name, kind, nullable=False)
            for role in layout.roles
            if role.name in roles
            for name, kind in KINDS[role.kind].columns
        ]
    )


def write_rows(rows: CanonicalRows, folder: Path) -> Written:
    """Write `train.parquet` and `eval.parquet` below `folder`, batch by batch."""
    schema = rows.schema
    paths = {split: folder / f"{split}.parquet" for split in SPLITS}
    counted = dict.fromkeys(SPLITS, 0)
    counts = {split: np.zeros(len(rows.labels), dtype=np.int64) for split in SPLITS}
    preview = Preview(rows.layout, rows.labels)
    # Images and sounds are compressed already, or hardly shrink.
    compression = "none" if rows.layout.media else "zstd"
    coded = rows.layout.coded
    writers = {
        split: pq.ParquetWriter(
            path, schema, compression=compression, use_dictionary=["label"] if "label" in schema.names else False
        )
        for split, path in paths.items()
    }
    try:
        for batch in rows.batches:
            for side, split in enumerate(SPLITS):
                chosen = batch.sides == side
                if not chosen.any():
                    continue
                table = pa.Table.from_arrays(
                    [column.filter(pa.array(chosen)) for column in batch.columns], schema=schema
                )
                counted[split] += len(table)
                if coded:
                    counts[split] += _label_counts(table.column(coded.name), len(rows.labels))
                preview.add(split, table)
                writers[split].write_table(table)
    finally:
        for writer in writers.values():
            writer.close()
    return Written(paths["train"], paths["eval"], counted, counts, preview.rows)


def _label_counts(column: pa.ChunkedArray, labels: int) -> npt.NDArray[np.int64]:
    found = column.combine_chunks()
    flat = found.flatten() if pa.types.is_list(found.type) else found
    return np.bincount(flat.to_numpy(), minlength=labels)


def version_digest(*, train: str, evaluation: str, labels: tuple[str, ...]) -> str:
    """What names a version: SHA-256 over the canonical JSON of both files' hashes and the labels."""
    return json_digest({"eval": evaluation, "labels": list(labels), "train": train})


def json_digest(value: object) -> str:
    """SHA-256 of a value's JSON with sorted keys and no spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
