"""A filter over a sweep's columns, as a condition for the database.

Every condition is true or false, never unknown, so that `not` finds exactly what the condition did not.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any as Expression
from typing import Final

from django.db.models import F, FloatField, Q, TextField, Value
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from sweeps.queries.table.columns import Column, Columns
from sweeps.queries.table.expressions import number_of, starred, tagged, text_of
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.filter.tree import All, Among, Any, Compare, Holds, Name, Node, Not, Number, Span, Text
from sweeps.queries.table.filter.tree import Value as Said

NEAR: Final = 1e-9
"""Numbers are equal when they differ by less than this part: they are stored as text, read back in another last digit."""
ALIASES: Final = {"failed": "fail", "finished": "complete", "canceled": "cancelled"}
_ORDERS: Final[dict[str, Callable[..., Expression]]] = {
    "<": LessThan,
    "<=": LessThanOrEqual,
    ">": GreaterThan,
    ">=": GreaterThanOrEqual,
}


def compiled(node: Node, columns: Columns) -> Q:
    """The condition. FilterProblem where a column does not exist or can't be what is said of it."""
    match node:
        case All(parts):
            condition = Q()
            for part in parts:
                condition &= compiled(part, columns)
            return condition
        case Any(parts):
            condition = compiled(parts[0], columns)
            for part in parts[1:]:
                condition |= compiled(part, columns)
            return condition
        case Not(part):
            return ~compiled(part, columns)
        case Holds(name):
            return _holds(name, found(name, columns))
        case Among(name, items):
            column = found(name, columns)
            condition = _item(column, items[0], columns)
            for item in items[1:]:
                condition |= _item(column, item, columns)
            return condition
        case Compare():
            return _compare(node, columns)


def found(name: Name, columns: Columns) -> Column:
    """The column of that name, or FilterProblem with the name that was probably meant."""
    column = columns.find(name.text)
    if column is not None and column.kind != "words":
        return column
    near = columns.like(name.text)
    mend = f"Did you mean `{near}`?" if near else f"There are {', '.join(columns.names()[:6])} and others."
    raise FilterProblem(f"There is no column `{name.text}`. {mend}", name.at, name.end)


def _holds(name: Name, column: Column) -> Q:
    if column.kind == "truth":
        return Q(starred())
    if column.kind == "tags":
        return Q(tagged())
    if set(column.choices) == {"true", "false"}:
        return Q(Exact(text_of(column), Value("true", TextField()))) & Q(IsNull(text_of(column), False))
    example = f"`{name.text} < 0.1`" if column.numeric else f"`{name.text} = {(column.choices or ('word',))[0]}`"
    raise FilterProblem(f"What is `{name.text}` to be? Go on as in {example}.", name.at, name.end)


def _item(column: Column, item: Said | Span, columns: Columns) -> Q:
    if isinstance(item, Span):
        low, high = item.low, item.high
        return _number(column, ">=", low) & _number(column, "<=", high)
    return _equal(column, item, columns)


def _compare(node: Compare, columns: Columns) -> Q:
    column, value = found(node.name, columns), node.value
    match node.sign:
        case "=":
            return _equal(column, value, columns)
        case "!=":
            return ~_equal(column, value, columns)
        case "contains":
            return _contains(column, value)
        case order:
            other = _other(column, value, columns)
            if other is not None:
                mine, theirs = number_of(column), number_of(other)
                return Q(_ORDERS[order](mine, theirs)) & Q(IsNull(mine, False)) & Q(IsNull(theirs, False))
            if column.kind in {"text", "tags", "truth"}:
                message = (
                    f"`{node.name.text}` has no order, so `{order}` says nothing: use `=`, `!=`, `in` or `contains`."
                )
                raise FilterProblem(message, node.sign_at, node.sign_end)
            return _number(column, order, value)


def _equal(column: Column, value: Said, columns: Columns) -> Q:
    word = value.text.lower() if isinstance(value, Text) and not value.quoted else ""
    if word == "none":
        return ~_there(column)
    if column.kind == "truth":
        if word not in {"true", "false"}:
            raise FilterProblem(f"`{column.names[0]}` is true or false.", value.at, value.end)
        return Q(starred()) if word == "true" else ~Q(starred())
    if column.kind == "tags":
        return Q(tagged(name=_plain(value)))
    if column.kind == "text" or (column.kind == "any" and isinstance(value, Text)):
        text = text_of(column)
        return Q(Exact(text, Value(_choice(column, value), TextField()))) & Q(IsNull(text, False))
    other = _other(column, value, columns)
    if other is not None:
        mine, theirs = number_of(column), number_of(other)
        return Q(Exact(mine, theirs)) & Q(IsNull(mine, False)) & Q(IsNull(theirs, False))
    number = _as_number(column, value)
    if column.kind == "since" or number.is_integer():
        return _between(column, value, number, number)
    near = abs(number) * NEAR
    return _between(column, value, number - near, number + near)


def _there(column: Column) -> Q:
    if column.kind == "truth":
        return Q(starred())
    if column.kind == "tags":
        return Q(tagged())
    if column.kind == "since":
        return Q(started_at__isnull=False)
    if column.kind == "text":
        return Q(IsNull(text_of(column), False))
    there = Q(IsNull(number_of(column), False))
    return there | Q(IsNull(text_of(column), False)) if column.kind == "any" else there


def _contains(column: Column, value: Said) -> Q:
    part = _plain(value)
    if column.kind == "tags":
        return Q(tagged(name__icontains=part))
    if column.kind not in {"text", "any"}:
        raise FilterProblem(f"`{column.names[0]}` is no text that could contain anything.", value.at, value.end)
    text = text_of(column)
    return Q(IContains(text, Value(part, TextField()))) & Q(IsNull(text, False))


def _between(column: Column, value: Said, low: float, high: float) -> Q:
    place = (value.at, value.end)
    return _number(column, ">=", Number(low, "", *place)) & _number(column, "<=", Number(high, "", *place))


def _number(column: Column, order: str, value: Said) -> Q:
    number = _as_number(column, value)
    if column.kind == "since":
        return Q(_ORDERS[order](F("started_at"), Value(_moment(column.start + number)))) & Q(started_at__isnull=False)
    mine = number_of(column)
    return Q(_ORDERS[order](mine, Value(number, FloatField()))) & Q(IsNull(mine, False))


def _as_number(column: Column, value: Said) -> float:
    if column.kind in {"text", "tags", "truth"}:
        raise FilterProblem(f"`{column.names[0]}` is no number.", value.at, value.end)
    if isinstance(value, Text):
        message = f"`{column.names[0]}` is a number, and `{value.text}` is none. Write it as 0.1 or 1e-4."
        raise FilterProblem(message, value.at, value.end)
    if value.unit and column.kind not in {"duration", "since"}:
        message = f"`{column.names[0]}` is no time: take the unit `{value.unit}` away."
        raise FilterProblem(message, value.at, value.end)
    return value.amount


def _other(column: Column, value: Said, columns: Columns) -> Column | None:
    """The column that the value names, where two columns of numbers are compared."""
    if isinstance(value, Number) or value.quoted or column.kind not in {"number", "duration"}:
        return None
    other = columns.find(value.text)
    return other if other is not None and other.kind in {"number", "duration"} else None


def _plain(value: Said) -> str:
    return value.text


def _choice(column: Column, value: Said) -> str:
    """The text that a column is to be; FilterProblem for one that it never is."""
    word = _plain(value)
    if not column.choices or word in column.choices:
        return word
    lower = {choice.lower(): choice for choice in column.choices}
    known = lower.get(word.lower()) or (ALIASES.get(word.lower()) if column.part == "state" else None)
    if known is not None:
        return known
    close = [choice for choice in column.choices if word[:2] and choice.startswith(word[:2])]
    mend = f"Did you mean `{close[0]}`?" if close else f"It can be {', '.join(column.choices[:8])}."
    raise FilterProblem(f"`{column.names[0]}` is never `{word}`. {mend}", value.at, value.end)


def _moment(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if seconds > 0 else datetime.min.replace(tzinfo=UTC)
