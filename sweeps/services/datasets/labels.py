"""Labels: their order, and whether there can be a classification with them."""

import math
from collections.abc import Collection, Iterable, Mapping

from sweeps.services.datasets.limits import MAX_LABEL_CHARS, MAX_LABELS, MIN_ROWS_A_LABEL
from sweeps.services.datasets.problems import BadData

FIELD = "label_column"


def order_labels(values: Iterable[str]) -> tuple[str, ...]:
    """Numbers by value when all are numbers, else by code point. The order is part of a version."""
    distinct = set(values)
    numbers = {value: _number(value) for value in distinct}
    if any(number is None for number in numbers.values()):
        return tuple(sorted(distinct))
    return tuple(sorted(distinct, key=lambda value: (numbers[value], value)))


def check_labels(counts: Mapping[str, int], *, splittable: bool) -> None:
    """Refuse labels that can't be learnt. `splittable`: both splits are drawn from these rows, so each needs two."""
    rows = sum(counts.values())
    if len(counts) == 1:
        only = next(iter(counts))
        raise BadData(
            f"All {rows:,} rows have the label {only!r}. A classification needs at least two labels; "
            "choose another label column, or add rows of another label.",
            field=FIELD,
        )
    _check_many(counts)
    if len(counts) > 20 and len(counts) * 2 > rows:
        raise BadData(
            f"The label column has {len(counts):,} different values in {rows:,} rows, almost one a row, "
            "so it does not look like a label. Choose another label column.",
            field=FIELD,
        )
    _check_names(counts)
    rare = sorted(label for label, count in counts.items() if count < MIN_ROWS_A_LABEL)
    if splittable and rare:
        named = ", ".join(repr(label) for label in rare[:3]) + (f" and {len(rare) - 3} more" if len(rare) > 3 else "")
        raise BadData(
            f"{'This label has' if len(rare) == 1 else 'These labels have'} one row only: {named}. Each label needs a row "
            "to train on and one to evaluate on; add rows, or remove the label from the file.",
            field=FIELD,
        )


def check_label_names(names: Collection[str]) -> None:
    """Refuse labels of lists that can't be kept."""
    if not names:
        raise BadData("No row has a label. Choose another label column.", field=FIELD)
    _check_many(names)
    _check_names(names)


def _check_many(counts: Collection[str]) -> None:
    if len(counts) > MAX_LABELS:
        raise BadData(
            f"The label column has {len(counts):,} different values; at most {MAX_LABELS:,} labels are possible. "
            "Choose another label column.",
            field=FIELD,
        )


def _check_names(counts: Collection[str]) -> None:
    for label in counts:
        if len(label) > MAX_LABEL_CHARS:
            raise BadData(
                f"The label that begins {label[:40]!r} has {len(label):,} characters; at most {MAX_LABEL_CHARS} are "
                "possible. Choose another label column.",
                field=FIELD,
            )
        if not label.isprintable():
            raise BadData(
                f"The label {label[:60]!r} has a line break or another character that can't be shown. Take it out of the file, "
                "or choose another label column.",
                field=FIELD,
            )


def _number(text: str) -> float | None:
    if not text.isascii() or "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
