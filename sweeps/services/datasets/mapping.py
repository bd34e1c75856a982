"""Which column is what, and how the rows are split: from a table to canonical rows."""

from collections.abc import Iterator
from collections.abc import Mapping as Facts
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sweeps.services.datasets.canonical import EVAL, LEFT_OUT, SPLITS, TRAIN, CanonicalRows, RowBatch, canonical_schema
from sweeps.services.datasets.cells import Codes, Flags, Scanned, scan
from sweeps.services.datasets.chosen import check_chosen
from sweeps.services.datasets.kinds import KINDS
from sweeps.services.datasets.labels import check_label_names, check_labels, order_labels
from sweeps.services.datasets.preview import Preview
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import LAYOUTS, Layout, Role
from sweeps.services.datasets.sides import check_rows, check_sides, column_sides
from sweeps.services.datasets.split import drawn_sides, stratified_sides
from sweeps.services.datasets.table import Table

Sides = npt.NDArray[np.int8]


@dataclass(frozen=True)
class SplitChoice:
    """`fraction`: drawn, seeded and stratified where rows have one label. `column`: the rows with these two values.
    `file`: a second file."""

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
    """`layout`: a key of `LAYOUTS`. `columns`: role → column of the file; optional roles may be missing or "".
    `separator`: between labels that are no list. `drop_incomplete`: rows where something is missing are left out instead
    of refused."""

    layout: str
    columns: Facts[str, str]
    separator: str = ","
    drop_incomplete: bool = False
    split: SplitChoice = field(default_factory=SplitChoice)

    @property
    def chosen(self) -> dict[str, str]:
        """The columns of all roles but optional ones without a column."""
        roles = LAYOUTS[self.layout].roles
        return {role.name: found for role in roles if (found := self.columns.get(role.name, "")) or not role.optional}


@dataclass(frozen=True)
class _Part:
    """A table with its labels and a side for each row."""

    table: Table
    codes: Codes | None
    sides: Sides


@dataclass(frozen=True)
class Mapped:
    """A mapping applied. `dropped`: incomplete rows; `left_out`: rows of neither split value."""

    layout: Layout
    labels: tuple[str, ...]
    dropped: int
    left_out: int
    _columns: dict[str, str]
    _separator: str
    _parts: tuple[_Part, ...]

    @property
    def task(self) -> str:
        return self.layout.task

    def summary(self) -> dict[str, Any]:
        """Rows, and rows (or tokens) by label, of each split, as `DatasetVersion.summary`."""
        found = {}
        for side, split in enumerate(SPLITS):
            counts = [part.codes.counts(part.sides == side) for part in self._parts if part.codes]
            found[split] = {
                "rows": sum(int((part.sides == side).sum()) for part in self._parts),
                "labels": {label: sum(one.get(label, 0) for one in counts) for label in self.labels},
            }
        return found

    def rows(self) -> CanonicalRows:
        """The canonical rows in the files' order."""
        return CanonicalRows(self.layout, tuple(self._columns), self.labels, self._batches())

    def preview(self) -> list[dict[str, Any]]:
        """The first rows of each split, as `DatasetVersion.preview`, as far as the first rows of each file have them."""
        found = Preview(self.layout, self.labels)
        schema = canonical_schema(self.layout, self._columns)
        for part in self._parts:
            batch = next(self._part_batches(part))
            for side, split in enumerate(SPLITS):
                chosen = pa.array(batch.sides == side)
                columns = [column.filter(chosen) for column in batch.columns]
                found.add(split, pa.Table.from_arrays(columns, schema=schema))
        return found.rows

    def _batches(self) -> Iterator[RowBatch]:
        for part in self._parts:
            yield from self._part_batches(part)

    def _part_batches(self, part: _Part) -> Iterator[RowBatch]:
        roles = [role for role in self.layout.roles if role.name in self._columns]
        start = 0
        for cells in part.table.rows_of([self._columns[role.name] for role in roles]):
            rows = slice(start, start + len(cells[0]))
            columns = [
                column
                for role, found in zip(roles, cells, strict=True)
                for column in self._canonical(role, found, part, rows)
            ]
            yield RowBatch(columns, part.sides[rows])
            start = rows.stop

    def _canonical(self, role: Role, cells: pa.Array, part: _Part, rows: slice) -> list[pa.Array]:
        if role is self.layout.coded and part.codes:
            return [part.codes.array(rows)]
        if role.kind in {"text", "image", "audio"}:
            return [cells]
        values = KINDS[role.kind].parse(cells, self._separator)
        parts = KINDS[role.kind].parts
        return parts(values) if parts else [values]


def apply_mapping(table: Table, mapping: Mapping, eval_table: Table | None = None) -> Mapped:
    """Refuse what can't become a data set (`BadData` with the field at fault), else the rows with labels and sides.

    `eval_table` is the second file of a split by file.
    """
    layout = LAYOUTS[mapping.layout]
    columns = mapping.chosen
    tables = [table] if mapping.split.by != "file" else [table, _second(eval_table)]
    split_column = mapping.split.column if mapping.split.by == "column" else None
    for part in tables:
        check_chosen(part, layout, columns, split_column)
    scanned = [scan(part, layout, columns, mapping.separator) for part in tables]
    whole = [_whole(part, layout, columns, mapping, found) for part, found in zip(tables, scanned, strict=True)]
    codes = [_only(found.codes, rows) for found, rows in zip(scanned, whole, strict=True)]
    sides = _sides(tables, whole, codes, mapping)
    labels = _labels(layout, codes, sides, mapping)
    parts = tuple(
        _Part(part, own.recoded(labels) if own else None, side)
        for part, own, side in zip(tables, codes, sides, strict=True)
    )
    left_out = sum(int(((side == LEFT_OUT) & rows).sum()) for side, rows in zip(sides, whole, strict=True))
    dropped = sum(int((~rows).sum()) for rows in whole)
    return Mapped(layout, labels, dropped, left_out, columns, mapping.separator, parts)


def _second(table: Table | None) -> Table:
    if table is None:
        raise BadData("Choose the file with the evaluation rows, or another split.", field="eval_file")
    return table


def _whole(table: Table, layout: Layout, columns: dict[str, str], mapping: Mapping, found: Scanned) -> Flags:
    """Which rows have everything; the first that has not is refused, unless such rows are to be left out."""
    whole = np.ones(table.rows, dtype=np.bool_)
    for role in layout.roles:
        if role.name not in columns:
            continue
        missing = ~found.there[role.name]
        if missing.any() and not mapping.drop_incomplete:
            count, first = int(missing.sum()), int(missing.argmax())
            more = f", the first of {count:,} such rows" if count > 1 else ""
            raise BadData(
                f"{table.place(first)} has nothing in the column {columns[role.name]!r}{more}. Fill it in, or tick "
                "“Leave incomplete rows out”.",
                field=role.field,
                droppable=True,
            )
        whole &= ~missing
    if not whole.any():
        what = "both an input and a label" if layout.coded else "everything that is needed"
        raise BadData(f"No row has {what}. Choose other columns.", field=layout.roles[0].field)
    return whole


def _only(codes: Codes | None, whole: Flags) -> Codes | None:
    """Without the labels of incomplete rows, where a row has one."""
    if codes is None or codes.offsets is not None:
        return codes
    return Codes(codes.names, np.where(whole, codes.flat, -1))


def _sides(tables: list[Table], whole: list[Flags], codes: list[Codes | None], mapping: Mapping) -> list[Sides]:
    """A side for every row of every table."""
    split = mapping.split
    if split.by == "file":
        return [np.where(rows, side, LEFT_OUT).astype(np.int8) for side, rows in zip((TRAIN, EVAL), whole, strict=True)]
    if split.by == "column":
        sides = column_sides(tables[0], split.column, split.train_value, split.eval_value)
        sides[~whole[0]] = LEFT_OUT
        return [sides]
    sides = np.full(tables[0].rows, LEFT_OUT, dtype=np.int8)
    own = codes[0]
    if own is None or own.offsets is not None:
        sides[whole[0]] = drawn_sides(int(whole[0].sum()), fraction=split.eval_fraction, seed=split.seed)
        return [sides]
    counts = own.counts(whole[0])
    check_labels(counts, splittable=True)
    # In the labels' own order, so that the draw does not depend on which row comes first.
    ordered = own.recoded(order_labels(counts)).flat[whole[0]]
    sides[whole[0]] = stratified_sides(ordered, fraction=split.eval_fraction, seed=split.seed)
    return [sides]


def _labels(layout: Layout, codes: list[Codes | None], sides: list[Sides], mapping: Mapping) -> tuple[str, ...]:
    """The labels there are, in order, once both splits are fit to be used."""
    by = mapping.split.by
    at = {"fraction": layout.roles[0].field, "column": "split_column", "file": "eval_file"}[by]
    check_rows([side == TRAIN for side in sides], [side == EVAL for side in sides], field=at)
    if not layout.coded:
        return ()
    train: dict[str, int] = {}
    evaluation: dict[str, int] = {}
    for own, side in zip(codes, sides, strict=True):
        assert own is not None
        for counts, which in ((train, TRAIN), (evaluation, EVAL)):
            for label, count in own.counts(side == which).items():
                counts[label] = counts.get(label, 0) + count
    if layout.coded.kind != "label":
        names = {**train, **evaluation}
        check_label_names(names)
        if by != "fraction":
            check_sides(train, evaluation, field=at)
        return order_labels(names)
    if by != "fraction":
        check_labels(train, splittable=False)
        check_sides(train, evaluation, field=at)
    return order_labels(train)
