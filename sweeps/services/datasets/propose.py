"""What a file's columns look like, and which is probably what. The person who uploaded it has the last word."""

from dataclasses import dataclass
from typing import Final

import pyarrow.compute as pc

from sweeps.services.datasets.limits import MAX_LABELS
from sweeps.services.datasets.mapping import Mapping, SplitChoice
from sweeps.services.datasets.preview import cut
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.sides import proposed_values, split_values
from sweeps.services.datasets.table import Table

LABEL_NAMES: Final = (
    "label", "labels", "class", "target", "category", "sentiment", "lang", "language", "intent", "topic", "emotion", "y",
)  # fmt: skip
INPUT_NAMES: Final = (
    "text",
    "sentence",
    "content",
    "review",
    "body",
    "document",
    "tweet",
    "comment",
    "message",
    "image",
)
SPLIT_NAMES: Final = ("split", "set", "subset", "partition", "fold")
SAMPLES: Final = 3
SAMPLE_CHARS: Final = 120


@dataclass(frozen=True)
class ColumnFacts:
    """`distinct`: different values, None for images and for more than a label may have; `missing`: null or blank cells;
    `samples`: the first few values, cut."""

    name: str
    image: bool
    distinct: int | None
    missing: int
    mean_chars: float
    samples: tuple[str, ...]


def describe(table: Table) -> list[ColumnFacts]:
    """Facts about every column, in the file's order."""
    return [_facts(table, name) for name in table.columns]


def _facts(table: Table, name: str) -> ColumnFacts:
    """Batch by batch, so that a large column is never in memory as a whole."""
    if name in table.images:
        return ColumnFacts(name, True, None, 0, 0.0, ())
    values: set[str] = set()
    samples: list[str] = []
    filled = characters = 0
    for cells in table.batches(name):
        present = cells.filter(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(cells), ""), False))
        filled += len(present)
        characters += pc.sum(pc.utf8_length(present)).as_py() or 0
        samples += [cut(value.as_py())[:SAMPLE_CHARS] for value in present[: SAMPLES - len(samples)]]
        if len(values) <= MAX_LABELS:
            values.update(pc.unique(present).to_pylist())
    distinct = len(values) if len(values) <= MAX_LABELS else None
    return ColumnFacts(name, False, distinct, table.rows - filled, characters / max(filled, 1), tuple(samples))


def propose(table: Table, columns: list[ColumnFacts]) -> Mapping:
    """The likeliest mapping. Columns are "" where nothing fits."""
    split = _split(table, columns)
    rest = [column for column in columns if column.name != split.column]
    label = _label([column for column in rest if not column.image], table.rows)
    return Mapping(
        input_column=_input([column for column in rest if column.name != label], bool(table.images)),
        label_column=label,
        split=split,
    )


def _label(columns: list[ColumnFacts], rows: int) -> str:
    """A column with a label's name, else the one with the fewest values that repeat."""
    possible = [
        column for column in columns if column.distinct and 2 <= column.distinct <= max(2, min(MAX_LABELS, rows // 2))
    ]
    named = _named(possible, LABEL_NAMES) or _named(columns, LABEL_NAMES)
    if named or not possible:
        return named
    fewest = min(column.distinct or 0 for column in possible)
    return [column.name for column in possible if column.distinct == fewest][-1]


def _input(columns: list[ColumnFacts], image: bool) -> str:
    """A column with an input's name, else the one with the longest texts."""
    possible = [column for column in columns if column.image == image]
    if not possible:
        return ""
    return _named(possible, INPUT_NAMES) or max(possible, key=lambda column: column.mean_chars).name


def _split(table: Table, columns: list[ColumnFacts]) -> SplitChoice:
    name = _named([column for column in columns if not column.image], SPLIT_NAMES)
    if name:
        try:
            train, evaluation = proposed_values(split_values(table, name))
        except BadData:
            return SplitChoice()
        if train and evaluation:
            return SplitChoice(by="column", column=name, train_value=train, eval_value=evaluation)
    return SplitChoice()


def _named(columns: list[ColumnFacts], names: tuple[str, ...]) -> str:
    by_name = {column.name.lower(): column.name for column in columns}
    return next((by_name[name] for name in names if name in by_name), "")
