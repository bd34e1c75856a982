"""The order of the table's rows. What has no value stands last either way, rows that are equal by their number."""

from typing import Any, Final

from django.db.models import F

from sweeps.queries.table.columns import Column, Columns
from sweeps.queries.table.expressions import number_of, starred, text_of

USUAL: Final = "-number"
"""The newest first: what runs now is in view."""


def sorted_by(text: str, columns: Columns) -> tuple[Column, bool] | None:
    """What `-value:0` means: the column, and whether the largest stands first. None where it means nothing here."""
    column = columns.find(text.removeprefix("-"))
    return (column, text.startswith("-")) if column is not None and column.sortable else None


def order_of(column: Column, descending: bool) -> list[Any]:
    """For `order_by`."""
    by = [_directed(expression, descending) for expression in _keys(column)]
    return [*by, F("number").desc() if descending and column.part == "number" else F("number").asc()]


def _keys(column: Column) -> list[Any]:
    if column.part == "number":
        return []
    if column.kind == "since":
        return [F("started_at")]
    if column.kind == "truth":
        return [starred()]
    if column.kind == "text":
        return [text_of(column)]
    if column.kind == "any":
        return [number_of(column), text_of(column)]
    return [number_of(column)]


def _directed(expression: Any, descending: bool) -> Any:
    return expression.desc(nulls_last=True) if descending else expression.asc(nulls_last=True)
