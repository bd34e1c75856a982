"""What a file's columns look like, and which is probably what. The person who uploaded it has the last word."""

from dataclasses import dataclass
from typing import Final

import pyarrow.compute as pc

from sweeps.services.datasets.limits import MAX_LABELS
from sweeps.services.datasets.mapping import Mapping, SplitChoice
from sweeps.services.datasets.preview import cut
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.roles import LAYOUTS, Layout, Role, layouts_of
from sweeps.services.datasets.sides import proposed_values, split_values
from sweeps.services.datasets.table import Table

SPLIT_NAMES: Final = ("split", "set", "subset", "partition", "fold")
SAMPLES: Final = 3
SAMPLE_CHARS: Final = 120
SEPARATORS: Final = ("|", ";", ",", " ")
_TELLING: Final = (
    "question-answering", "token-classification", "causal-lm-messages", "causal-lm-prompt", "seq2seq",
    "multi-label-classification",
)  # fmt: skip
"""Layouts that the names of columns give away, the most special first."""


@dataclass(frozen=True)
class ColumnFacts:
    """`media`: `image`, `audio` or ""; `distinct`: different values, None for media and for more than a label may have;
    `missing`: null or blank cells; `samples`: the first few values, cut."""

    name: str
    media: str
    distinct: int | None
    missing: int
    mean_chars: float
    samples: tuple[str, ...]


def describe(table: Table) -> list[ColumnFacts]:
    """Facts about every column, in the file's order."""
    return [_facts(table, name) for name in table.columns]


def _facts(table: Table, name: str) -> ColumnFacts:
    """Batch by batch, so that a large column is never in memory as a whole."""
    if table.media(name):
        return ColumnFacts(name, table.media(name), None, 0, 0.0, ())
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
    return ColumnFacts(name, "", distinct, table.rows - filled, characters / max(filled, 1), tuple(samples))


def propose(table: Table, columns: list[ColumnFacts], *, task: str = "", layout: str = "") -> Mapping:
    """The likeliest mapping, of that task or layout where one is named. Columns are "" where nothing fits."""
    split = _split(table, columns)
    rest = [column for column in columns if column.name != split.column]
    chosen = LAYOUTS[layout] if layout else _layout(table, rest, task)
    found = _columns(chosen, rest, table.rows)
    coded = next((column for column in rest if chosen.coded and column.name == found.get(chosen.coded.name)), None)
    return Mapping(chosen.key, found, _separator(coded), split=split)


def _layout(table: Table, columns: list[ColumnFacts], task: str) -> Layout:
    """Of the task's layouts, or of all, the first whose columns all have telling names."""
    possible = layouts_of(task) if task else tuple(LAYOUTS[key] for key in _TELLING)
    for layout in possible:
        needed = [role for role in layout.roles if not role.optional]
        if not table.holds and all(_by_role(columns, role) for role in needed):
            lists = layout.key == "multi-label-classification" and not task
            labels = (
                [column for column in columns if column.name == _named(columns, layout.role("labels").names)]
                if lists
                else []
            )
            if not lists or any(sample.lstrip().startswith("[") for column in labels for sample in column.samples):
                return layout
    if task:
        return possible[0]
    if table.holds:
        return LAYOUTS[f"{table.holds}-classification"]
    return LAYOUTS["causal-lm" if len(columns) == 1 else "text-classification"]


def _by_role(columns: list[ColumnFacts], role: Role) -> str:
    return _named(columns, role.names)


def _columns(layout: Layout, columns: list[ColumnFacts], rows: int) -> dict[str, str]:
    """Role → column: by name first; else the label is what repeats, and the first text the longest."""
    found: dict[str, str] = {}
    left = list(columns)

    def take(role: Role, name: str) -> None:
        found[role.name] = name
        left[:] = [column for column in left if column.name != name]

    coded = layout.coded
    if coded and coded.kind == "label":
        take(coded, _label([column for column in left if not column.media], rows))
    for role in layout.roles:
        if role.name in found:
            continue
        fitting = [column for column in left if column.media == (role.kind if role.kind in {"image", "audio"} else "")]
        name = _by_role(fitting, role)
        if not name and not role.optional and fitting and role.kind in {"image", "audio", "text"}:
            name = max(fitting, key=lambda column: column.mean_chars).name
        take(role, name)
    return found


def _label(columns: list[ColumnFacts], rows: int) -> str:
    """A column with a label's name, else the one with the fewest values that repeat."""
    names = LAYOUTS["text-classification"].role("label").names
    possible = [
        column for column in columns if column.distinct and 2 <= column.distinct <= max(2, min(MAX_LABELS, rows // 2))
    ]
    named = _named(possible, names) or _named(columns, names)
    if named or not possible:
        return named
    fewest = min(column.distinct or 0 for column in possible)
    return [column.name for column in possible if column.distinct == fewest][-1]


def _separator(column: ColumnFacts | None) -> str:
    """The first that occurs in the samples of a column of labels."""
    samples = column.samples if column else ()
    return next((found for found in SEPARATORS if any(found in sample.strip() for sample in samples)), ",")


def _split(table: Table, columns: list[ColumnFacts]) -> SplitChoice:
    name = _named([column for column in columns if not column.media], SPLIT_NAMES)
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
