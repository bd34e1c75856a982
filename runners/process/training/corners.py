"""Assignments that try a space at its ends, without trying all of it."""

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter

_WHOLE_GRID = 32


class Corner(NamedTuple):
    """`blame`: the names to speak of when this assignment is refused."""

    params: dict[str, Scalar]
    blame: tuple[str, ...]


Rows = tuple[FloatParameter | IntParameter | CategoricalParameter, ...]


def ends(parameter: FloatParameter | IntParameter | CategoricalParameter) -> tuple[Scalar, ...]:
    """The values of a row that are worth trying: both ends, or every choice."""
    if isinstance(parameter, CategoricalParameter):
        return parameter.choices
    return (parameter.low,) if parameter.low == parameter.high else (parameter.low, parameter.high)


def first_ends(rows: Rows) -> dict[str, Scalar]:
    """An assignment to begin with: the first end of each row."""
    return {row.name: ends(row)[0] for row in rows}


def one_by_one(rows: Rows) -> Iterator[Corner]:
    """Each end of each row, alone."""
    for row in rows:
        for value in ends(row):
            yield Corner({row.name: value}, (row.name,))


def corners(rows: Rows) -> Iterator[Corner]:
    """All ends with all ends where those are few; else each end alone, all first and all last ends together."""
    if not rows:
        return
    yield from one_by_one(rows)
    if len(rows) == 1:
        return
    names = tuple(row.name for row in rows)
    values = [ends(row) for row in rows]
    count = 1
    for choices in values:
        count *= len(choices)
    together: Iterable[tuple[Scalar, ...]] = (
        itertools.product(*values)
        if count <= _WHOLE_GRID
        else [tuple(choices[0] for choices in values), tuple(choices[-1] for choices in values)]
    )
    for chosen in together:
        yield Corner(dict(zip(names, chosen, strict=True)), names)
