"""The rows of a data set: inputs as they are, labels as indices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from runners.process.folder import Start
from runners.process.training.hub import hub_id
from runners.process.training.refusal import InvalidSpec, first_line
from runners.protocol.spec import ArtifactData, HubData, SweepSpec

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """`inputs`: texts, or the bytes of image files, or images. `labels`: indices, as many."""

    inputs: Sequence[Any]
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Rows:
    train: Split
    eval: Split
    names: tuple[str, ...]
    """Label names; a row's label is an index into them."""


def load_rows(spec: SweepSpec, start: Start, column: str) -> Rows:
    """Read both splits. `column`: the input's name in the canonical Parquet. Raises `InvalidSpec` with field `data`."""
    rows = _artifact(spec.data, start, column) if isinstance(spec.data, ArtifactData) else _hub(spec.data)
    if len(rows.names) < 2:
        raise InvalidSpec("data", "The data set has fewer than two labels; nothing can be told apart.")
    for name, split in (("training", rows.train), ("evaluation", rows.eval)):
        if not len(split):
            raise InvalidSpec("data", f"The {name} split has no rows.")
        if split.labels.min() < 0 or split.labels.max() >= len(rows.names):
            raise InvalidSpec("data", f"The {name} split has a label outside its {len(rows.names)} names.")
    return rows


def _artifact(data: ArtifactData, start: Start, column: str) -> Rows:
    import pyarrow.parquet as pq

    splits = {}
    for name in ("train", "eval"):
        try:
            table = pq.read_table(start.data[name], columns=[column, "label"], use_threads=False)
        except (OSError, KeyError, ValueError) as error:
            raise InvalidSpec("data", f"The {name} split could not be read: {first_line(error)}") from error
        splits[name] = Split(
            inputs=table.column(column).to_pylist(),
            labels=np.asarray(table.column("label").to_numpy(), dtype=np.int64),
        )
    return Rows(train=splits["train"], eval=splits["eval"], names=data.labels)


def _hub(data: HubData) -> Rows:
    import datasets

    datasets.disable_progress_bars()
    hub_id(data.id, field="data")
    try:
        train = datasets.load_dataset(data.id, data.config, split=data.train_split, revision=data.revision)
        given = (
            datasets.load_dataset(data.id, data.config, split=data.eval_split, revision=data.revision)
            if data.eval_split
            else None
        )
    except Exception as error:  # the Hub's client raises a dozen kinds, some of them private
        raise InvalidSpec(
            "data",
            f"{data.id} could not be loaded from the Hugging Face Hub: {first_line(error)} "
            "Check the id, configuration and splits, and that this runner reaches the Hub.",
        ) from error
    for column in (data.input_column, data.label_column):
        if column not in train.column_names:
            raise InvalidSpec(
                "data", f"{data.id} has no column {column!r}. Its columns: {', '.join(train.column_names)}."
            )
    try:
        if not isinstance(train.features[data.label_column], datasets.ClassLabel):
            train = train.class_encode_column(data.label_column)
            if given is not None:
                given = given.cast_column(data.label_column, train.features[data.label_column])
        if given is None:
            parts = train.train_test_split(
                test_size=data.eval_fraction, seed=data.split_seed, stratify_by_column=data.label_column
            )
            train, given = parts["train"], parts["test"]
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidSpec(
            "data", f"{data.id} could not be split by {data.label_column}: {first_line(error)}"
        ) from error
    names = tuple(train.features[data.label_column].names)
    return Rows(train=_split(train, data), eval=_split(given, data), names=names)


def _split(table: Any, data: HubData) -> Split:
    # The column object decodes images row by row, when they are asked for.
    return Split(inputs=table[data.input_column], labels=np.asarray(table[data.label_column], dtype=np.int64))


def fraction(count: int, share: float, seed: int) -> npt.NDArray[np.int64]:
    """Which rows a `train_fraction` keeps, in row order. A smaller share is part of every larger one; 1 is all rows."""
    if share >= 1:
        return np.arange(count, dtype=np.int64)
    kept = max(1, int(count * share))
    return np.sort(np.random.default_rng(seed).permutation(count)[:kept]).astype(np.int64)
