"""The rows of a data set in the canonical columns of its task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from runners.process.folder import Start
from runners.process.training.refusal import InvalidSpec, first_line
from runners.protocol.spec import ArtifactData, SweepSpec

Kind = Literal["input", "index", "indices", "number"]


@dataclass(frozen=True)
class Column:
    """A canonical column (see `ArtifactData`) that a task reads.

    `kind`: `input` as it is; `index` of a label name; `indices`, a list of them a row; `number`. `hub`: how the same is
    often called on the Hub; `answers.text` is the field `text` of the column `answers`.
    """

    name: str
    kind: Kind = "input"
    optional: bool = False
    hub: tuple[str, ...] = ()


Columns = tuple[Column, ...]


@dataclass(frozen=True)
class Split:
    """Columns of equal length by canonical name: lists for inputs and indices, int64 for an index, float64 for numbers."""

    columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def __contains__(self, name: str) -> bool:
        return name in self.columns


@dataclass(frozen=True)
class Rows:
    train: Split
    eval: Split
    names: tuple[str, ...]
    """Label names; an index is one into them. Empty where the task has none."""


def load_rows(spec: SweepSpec, start: Start, columns: Columns) -> Rows:
    """Read both splits. Raises `InvalidSpec` with field `data`."""
    if isinstance(spec.data, ArtifactData):
        rows = _artifact(spec.data, start, columns)
    else:
        # Imported here, since it is slow and seldom wanted.
        from runners.process.training.hub_rows import load_hub_rows

        rows = load_hub_rows(spec.data, columns)
    _check(rows, columns)
    return rows


def _artifact(data: ArtifactData, start: Start, columns: Columns) -> Rows:
    import pyarrow.parquet as pq

    splits = {}
    for name in ("train", "eval"):
        try:
            there = set(pq.read_schema(start.data[name]).names)
            wanted = [column for column in columns if column.name in there or not column.optional]
            table = pq.read_table(start.data[name], columns=[column.name for column in wanted], use_threads=False)
            splits[name] = Split({column.name: _values(column, table.column(column.name)) for column in wanted})
        except (OSError, KeyError, ValueError) as error:
            raise InvalidSpec("data", f"The {name} split could not be read: {first_line(error)}") from error
    return Rows(train=splits["train"], eval=splits["eval"], names=data.labels)


def _values(column: Column, stored: Any) -> Any:
    match column.kind:
        case "index":
            return np.asarray(stored.to_numpy(), dtype=np.int64)
        case "number":
            return np.asarray(stored.to_numpy(), dtype=np.float64)
        case _:
            return stored.to_pylist()


def _check(rows: Rows, columns: Columns) -> None:
    kinds = {column.kind for column in columns}
    if "index" in kinds and len(rows.names) < 2:
        raise InvalidSpec("data", "The data set has fewer than two labels; nothing can be told apart.")
    if "indices" in kinds and not rows.names:
        raise InvalidSpec("data", "The data set has no labels; nothing can be learned.")
    for name, split in (("training", rows.train), ("evaluation", rows.eval)):
        if not len(split):
            raise InvalidSpec("data", f"The {name} split has no rows.")
        for column in columns:
            if column.name in split:
                _check_values(column.kind, split[column.name], f"The {name} split", len(rows.names))


def _check_values(kind: Kind, values: Any, where: str, labels: int) -> None:
    match kind:
        case "index":
            if values.min() < 0 or values.max() >= labels:
                raise InvalidSpec("data", f"{where} has a label outside its {labels} names.")
        case "indices":
            for row, indices in enumerate(values):
                if any(not 0 <= index < labels for index in indices):
                    raise InvalidSpec("data", f"{where} has a label outside its {labels} names in row {row}.")
        case "number":
            if not np.isfinite(values).all():
                raise InvalidSpec("data", f"{where} has a row whose number is missing or not finite. Take it out.")


def fraction(count: int, share: float, seed: int) -> npt.NDArray[np.int64]:
    """Which rows a `train_fraction` keeps, in row order. A smaller share is part of every larger one; 1 is all rows."""
    if share >= 1:
        return np.arange(count, dtype=np.int64)
    kept = max(1, int(count * share))
    return np.sort(np.random.default_rng(seed).permutation(count)[:kept]).astype(np.int64)
