"""The canonical rows of a task, written as two Parquet files: what runners read (`runners.protocol.spec.ArtifactData`).

The same rows in the same order give the same bytes, so the same hash, with one version of pyarrow.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.services.datasets.preview import Preview

TRAIN: Final = 0
EVAL: Final = 1
LEFT_OUT: Final = -1
SPLITS: Final = ("train", "eval")

INPUT_COLUMN: Final = {"text-classification": "text", "image-classification": "image"}


@dataclass(frozen=True)
class RowBatch:
    """Some rows. `values`: strings or images (bytes); `labels`: int64 indices; `sides`: int8, TRAIN, EVAL or LEFT_OUT."""

    values: pa.Array
    labels: npt.NDArray[np.int64]
    sides: npt.NDArray[np.int8]


@dataclass(frozen=True)
class CanonicalRows:
    """What a version is made from: a task, its labels in order, and rows in order, read once."""

    task: str
    labels: tuple[str, ...]
    batches: Iterable[RowBatch]


@dataclass(frozen=True)
class Written:
    """Two files on disk, rows by label of each, and the first rows of each for people."""

    train: Path
    eval: Path
    counts: dict[str, npt.NDArray[np.int64]]
    preview: list[dict[str, Any]]

    def summary(self, labels: tuple[str, ...]) -> dict[str, Any]:
        """`{"train": {"rows", "labels": {label: count}}, "eval": {…}}`, labels in order."""
        return {
            split: {
                "rows": int(counts.sum()),
                "labels": {label: int(count) for label, count in zip(labels, counts, strict=True)},
            }
            for split, counts in self.counts.items()
        }


def write_rows(rows: CanonicalRows, folder: Path) -> Written:
    """Write `train.parquet` and `eval.parquet` below `folder`, batch by batch."""
    image = rows.task == "image-classification"
    schema = pa.schema(
        [
            pa.field(INPUT_COLUMN[rows.task], pa.binary() if image else pa.string(), nullable=False),
            pa.field("label", pa.int64(), nullable=False),
        ]
    )
    paths = {split: folder / f"{split}.parquet" for split in SPLITS}
    counts = {split: np.zeros(len(rows.labels), dtype=np.int64) for split in SPLITS}
    preview = Preview(rows.labels, image=image)
    # Images are compressed already.
    compression = "none" if image else "zstd"
    writers = {
        split: pq.ParquetWriter(path, schema, compression=compression, use_dictionary=["label"])
        for split, path in paths.items()
    }
    try:
        for batch in rows.batches:
            for side, split in enumerate(SPLITS):
                chosen = batch.sides == side
                if not chosen.any():
                    continue
                labels = batch.labels[chosen]
                values = batch.values.filter(pa.array(chosen))
                counts[split] += np.bincount(labels, minlength=len(rows.labels))
                preview.add(split, values, labels)
                writers[split].write_table(pa.Table.from_arrays([values, pa.array(labels)], schema=schema))
    finally:
        for writer in writers.values():
            writer.close()
    return Written(paths["train"], paths["eval"], counts, preview.rows)


def version_digest(*, train: str, evaluation: str, labels: tuple[str, ...]) -> str:
    """What names a version: SHA-256 over the canonical JSON of both files' hashes and the labels."""
    return json_digest({"eval": evaluation, "labels": list(labels), "train": train})


def json_digest(value: object) -> str:
    """SHA-256 of a value's JSON with sorted keys and no spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
