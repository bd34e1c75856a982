"""Which column is what, and how the rows are split: from a table to canonical rows."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sweeps.services.datasets.canonical import EVAL, LEFT_OUT, SPLITS, TRAIN, CanonicalRows, RowBatch
from sweeps.services.datasets.cells import complete_inputs, encoded_labels
from sweeps.services.datasets.labels import check_labels, order_labels
from sweeps.services.datasets.preview import Preview
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.sides import check_sides, column_sides
from sweeps.services.datasets.split import stratified_sides
from sweeps.services.datasets.table import Table


@dataclass(frozen=True)
class SplitChoice:
    """`fraction`: drawn, seeded and stratified. `column`: the rows with these two values. `file`: a second file."""

    by: Literal["fraction", "column", "file"] = "fraction"
    eval_fraction: float = 0.2
    seed: int = 0
    column: str = ""
    train_value: str = ""
    eval_value: str = ""

    def facts(self) -> dict[str, Any]:
        """What was chosen, without what does not matter for it."""
        names = {"fraction": ("eval_fraction", "seed"), "column": ("column", "train_value", "eval_value"), "file": ()}
        return {"by": self.by} | {name: asdict(self)[name] for name in names[self.by]}


@dataclass(frozen=True)
class Mapping:
    """`drop_incomplete`: rows without an input or a label are left out instead of refused."""

    input_column: str
    label_column: str
    drop_incomplete: bool = False
    split: SplitChoice = field(default_factory=SplitChoice)


@dataclass(frozen=True)
class _Part:
    """A table with a label index (-1: incomplete) and a side for each row."""

    table: Table
    codes: npt.NDArray[np.int64]
    sides: npt.NDArray[np.int8]


@dataclass(frozen=True)
class Mapped:
    """A mapping applied. `dropped`: incomplete rows; `left_out`: rows of neither split value."""

    task: str
    labels: tuple[str, ...]
    dropped: int
    left_out: int
    _input: str
    _parts: tuple[_Part, ...]

    def summary(self) -> dict[str, Any]:
        """Rows and rows by label of each split, as `DatasetVersion.summary`."""
        found = {}
        for side, split in enumerate(SPLITS):
            counts = sum(
                np.bincount(part.codes[part.sides == side], minlength=len(self.labels)) for part in self._parts
            )
            found[split] = {
                "rows": int(np.sum(counts)),
                "labels": {label: int(n) for label, n in zip(self.labels, np.atleast_1d(counts), strict=True)},
            }
        return found

    def rows(self) -> CanonicalRows:
        """The canonical rows in the files' order."""
        return CanonicalRows(self.task, self.labels, self._batches())

    def preview(self) -> list[dict[str, Any]]:
        """The first rows of each split, as `DatasetVersion.preview`, as far as the first rows of each file have them."""
        found = Preview(self.labels, image=self.task == "image-classification")
        for part in self._parts:
            values = next(part.table.batches(self._input))
            for side, split in enumerate(SPLITS):
                chosen = part.sides[: len(values)] == side
                found.add(split, values.filter(pa.array(chosen)), part.codes[: len(values)][chosen])
        return found.rows

    def _batches(self) -> Iterator[RowBatch]:
        for part in self._parts:
            start = 0
            for values in part.table.batches(self._input):
                rows = slice(start, start + len(values))
                yield RowBatch(values, part.codes[rows], part.sides[rows])
                start = rows.stop


def apply_mapping(table: Table, mapping: Mapping, eval_table: Table | None = None) -> Mapped:
    """Refuse what can't become a data set (`BadData` with the field at fault), else the rows with labels and sides.

    `eval_table` is the second file of a split by file.
    """
    tables = [table] if mapping.split.by != "file" else [table, _second(eval_table)]
    for part in tables:
        _check_columns(part, mapping)
    encoded = [encoded_labels(part, mapping.label_column) for part in tables]
    dropped = 0
    for part, (codes, _names) in zip(tables, encoded, strict=True):
        whole = complete_inputs(part, mapping.input_column)
        dropped += _drop(part, mapping, codes, whole)
    sides, names = _sides(tables, encoded, mapping)
    labels = order_labels(names)
    order = {label: index for index, label in enumerate(labels)}
    parts = tuple(
        _Part(part, _recoded(codes, own, order), side)
        for part, (codes, own), side in zip(tables, encoded, sides, strict=True)
    )
    left_out = sum(
        int(((side == LEFT_OUT) & (codes >= 0)).sum()) for side, (codes, _) in zip(sides, encoded, strict=True)
    )
    return Mapped(table.task, labels, dropped, left_out, mapping.input_column, parts)


def _second(table: Table | None) -> Table:
    if table is None:
        raise BadData("Choose the file with the evaluation rows, or another split.", field="eval_file")
    return table


def _check_columns(table: Table, mapping: Mapping) -> None:
    wanted = {"input_column": mapping.input_column, "label_column": mapping.label_column}
    if mapping.split.by == "column":
        wanted["split_column"] = mapping.split.column
    for name, column in wanted.items():
        if not column:
            raise BadData("Choose a column.", field=name)
        if column not in table.columns:
            shown = ", ".join(table.columns[:10]) + (" …" if len(table.columns) > 10 else "")
            raise BadData(f"The file has no column {column!r}. Its columns are: {shown}.", field=name)
        if name != "input_column" and column in table.images:
            raise BadData(f"The column {column!r} holds images. Choose a column of text or numbers.", field=name)
        if name == "input_column" and table.images and column not in table.images:
            raise BadData(f"The column {column!r} holds no images. Choose {min(table.images)!r}.", field=name)
    if mapping.input_column == mapping.label_column:
        raise BadData("The input and the label can't be the same column. Choose another one.", field="label_column")


def _drop(table: Table, mapping: Mapping, codes: npt.NDArray[np.int64], whole: npt.NDArray[np.bool_]) -> int:
    """Mark incomplete rows in `codes`, or refuse the first; how many there are."""
    for missing, column, what in (
        (~whole, mapping.input_column, "input_column"),
        (codes < 0, mapping.label_column, "label_column"),
    ):
        if missing.any() and not mapping.drop_incomplete:
            count, first = int(missing.sum()), int(missing.argmax())
            more = f", the first of {count:,} such rows" if count > 1 else ""
            raise BadData(
                f"{table.place(first)} has nothing in the column {column!r}{more}. Fill it in, or tick "
                "“Leave incomplete rows out”.",
                field=what,
                droppable=True,
            )
    codes[~whole] = -1
    if not (codes >= 0).any():
        raise BadData("No row has both an input and a label. Choose other columns.", field="input_column")
    return int((codes < 0).sum())


Encoded = tuple[npt.NDArray[np.int64], list[str]]


def _sides(
    tables: list[Table], encoded: list[Encoded], mapping: Mapping
) -> tuple[list[npt.NDArray[np.int8]], set[str]]:
    """A side for every row of every table, and the labels there are."""
    split = mapping.split
    codes, names = encoded[0]
    if split.by == "fraction":
        counts = _counts(codes, names)
        check_labels(counts, splittable=True)
        sides = np.full(len(codes), LEFT_OUT, dtype=np.int8)
        ordered = {label: index for index, label in enumerate(order_labels(counts))}
        complete = codes >= 0
        # In the labels' own order, so that the draw does not depend on which row comes first.
        sides[complete] = stratified_sides(
            _recoded(codes, names, ordered)[complete], fraction=split.eval_fraction, seed=split.seed
        )
        return [sides], set(counts)
    if split.by == "column":
        sides = column_sides(tables[0], split.column, split.train_value, split.eval_value)
        sides[codes < 0] = LEFT_OUT
        train, evaluation = (_counts(codes[sides == side], names) for side in (TRAIN, EVAL))
        found, field_name = [sides], "split_column"
    else:
        found = [
            np.where(part >= 0, side, LEFT_OUT).astype(np.int8)
            for side, (part, _names) in zip((TRAIN, EVAL), encoded, strict=True)
        ]
        train, evaluation = (_counts(part, own) for part, own in encoded)
        field_name = "eval_file"
    if train:
        check_labels(train, splittable=False)
    check_sides(train, evaluation, field=field_name)
    return found, set(train)


def _counts(codes: npt.NDArray[np.int64], names: list[str]) -> dict[str, int]:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True) if count}


def _recoded(codes: npt.NDArray[np.int64], names: list[str], order: dict[str, int]) -> npt.NDArray[np.int64]:
    """Codes by the file's own order of labels → codes by `order`; a label that is not there any more gets -1."""
    table = np.array([*(order.get(name, -1) for name in names), -1], dtype=np.int64)
    return table[codes]
