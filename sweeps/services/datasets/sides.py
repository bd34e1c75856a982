"""A split that the data brings: by a column, or by a second file."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from sweeps.services.datasets.canonical import EVAL, LEFT_OUT, TRAIN
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.table import Table

Flags = npt.NDArray[np.bool_]

MAX_SPLIT_VALUES: Final = 20
TRAIN_WORDS: Final = ("train", "training")
EVAL_WORDS: Final = ("validation", "val", "valid", "eval", "evaluation", "dev", "test", "testing")
"""From the likeliest: a test split is for the very end, where there is another."""


def split_values(table: Table, column: str) -> dict[str, int]:
    """The values of a split column with their rows, most first; blanks and missing ones don't count."""
    counts = pc.value_counts(pc.utf8_trim_whitespace(table.column(column)))
    if len(counts) > MAX_SPLIT_VALUES:
        raise BadData(
            f"The column {column!r} has {len(counts):,} different values; a split has a few, such as train and test. "
            "Choose another column, or let a fraction be drawn.",
            field="split_column",
        )
    found = {entry["values"]: entry["counts"] for entry in counts.to_pylist() if entry["values"]}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def proposed_values(values: Mapping[str, int]) -> tuple[str, str]:
    """Which value is for training and which for evaluation, by their names; "" where none fits."""
    by_word = {value.lower(): value for value in values}
    train = next((by_word[word] for word in TRAIN_WORDS if word in by_word), "")
    evaluation = next((by_word[word] for word in EVAL_WORDS if word in by_word), "")
    return train, evaluation


def column_sides(table: Table, column: str, train_value: str, eval_value: str) -> npt.NDArray[np.int8]:
    """TRAIN or EVAL for rows with these values, LEFT_OUT for others."""
    values = split_values(table, column)
    for field, value in (("train_value", train_value), ("eval_value", eval_value)):
        if not value:
            raise BadData("Choose the value that these rows have.", field=field)
        if value not in values:
            shown = ", ".join(map(repr, values)) or "nothing"
            raise BadData(f"The column {column!r} has no {value!r}; it has {shown}. Choose one of them.", field=field)
    if train_value == eval_value:
        raise BadData("Training and evaluation can't have the same rows. Choose two values.", field="eval_value")
    cells = pc.utf8_trim_whitespace(table.column(column))
    sides = np.full(table.rows, LEFT_OUT, dtype=np.int8)
    for side, value in ((TRAIN, train_value), (EVAL, eval_value)):
        chosen = pc.fill_null(pc.equal(cells, value), False).to_numpy()
        sides[chosen] = side
    return sides


def check_rows(train: Sequence[Flags], evaluation: Sequence[Flags], *, field: str) -> None:
    """Both splits have rows. Each is flags of rows, a table each."""
    for flags, what in ((train, "training"), (evaluation, "evaluation")):
        if not any(flag.any() for flag in flags):
            raise BadData(f"No complete row is left for {what}. Choose another split.", field=field)


def check_sides(train: Mapping[str, int], evaluation: Mapping[str, int], *, field: str) -> None:
    """Evaluation asks for nothing that training has not seen."""
    unseen = sorted(set(evaluation) - set(train))
    if unseen:
        named = ", ".join(repr(label) for label in unseen[:3]) + (
            f" and {len(unseen) - 3} more" if len(unseen) > 3 else ""
        )
        raise BadData(
            f"Only evaluation rows have the label{'s' if len(unseen) > 1 else ''} {named}, so a model can't learn "
            f"{'them' if len(unseen) > 1 else 'it'}. Add training rows, or choose another split.",
            field=field,
        )
