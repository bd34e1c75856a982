"""What depends on what in a space: the rows that some names need, and assignments that try a space at its ends."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from runners.optimizers.compile import acts
from runners.optimizers.derive import inputs_of, resolved
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

Row = FloatParameter | IntParameter | CategoricalParameter

WHOLE_GRID: Final = 32
"""As many assignments are all tried; of more, only some."""


def narrowed(space: SearchSpace, wanted: Callable[[str], bool]) -> SearchSpace:
    """The rows, drawn and derived, whose names are wanted, and those that they depend on. Raises ValueError like `inputs_of`."""
    needs = {row.name: {row.when.name} if row.when else set() for row in space.parameters}
    needs |= {row.name: inputs_of(row) for row in space.derived}
    left = [name for name in needs if wanted(name)]
    found: set[str] = set()
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += needs.get(name, ())
    return SearchSpace(
        parameters=tuple(row for row in space.parameters if row.name in found),
        derived=tuple(row for row in space.derived if row.name in found),
    )


def completed(space: SearchSpace, values: Mapping[str, Scalar], processes: int = 1) -> dict[str, Scalar]:
    """Of a value for every row: those whose condition is met, and what follows from them. Raises ValueError like `resolved`."""
    drawn: dict[str, Scalar] = {}
    for row in space.parameters:
        if acts(row, drawn):
            drawn[row.name] = values[row.name]
    return resolved(space, drawn, processes)


def ends(row: Row) -> tuple[Scalar, ...]:
    """The values of a row that are worth trying: both ends, or every choice."""
    if isinstance(row, CategoricalParameter):
        return row.choices
    return (row.low,) if row.low == row.high else (row.low, row.high)


def corners(space: SearchSpace) -> list[dict[str, Scalar]]:
    """Assignments of every row: all ends with all ends where those are few, else each end alone beside the first ones of
    the others, and all last ones together. Where an end's row has a condition, the condition is met."""
    values = {row.name: turning(space, row) for row in space.parameters}
    count = 1
    for several in values.values():
        count *= len(several)
    if count <= WHOLE_GRID:
        return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    alone = [at(space, row, value) for row in space.parameters for value in values[row.name]]
    return [*alone, {name: several[-1] for name, several in values.items()}]


def turning(space: SearchSpace, row: Row) -> tuple[Scalar, ...]:
    """A row's ends, and the values at which the condition of another row is met."""
    wanted = [
        value
        for other in space.parameters
        if other.when is not None and other.when.name == row.name
        for value in other.when.values
        if can_be(row, value)
    ]
    found = {(type(value), value): value for value in (*ends(row), *wanted)}
    return tuple(found.values())


def at(space: SearchSpace, row: Row, value: Scalar) -> dict[str, Scalar]:
    """One row at a value, its condition met, all the others at their first ends."""
    values = {other.name: ends(other)[0] for other in space.parameters}
    by_name = {other.name: other for other in space.parameters}
    values[row.name] = value
    when = row.when
    while when is not None:
        parent = by_name[when.name]
        values[parent.name] = next((wanted for wanted in when.values if can_be(parent, wanted)), values[parent.name])
        when = parent.when
    return values


def near(space: SearchSpace, row: Row, value: Scalar) -> Iterator[dict[str, Scalar]]:
    """One row at a value, beside each value of each other row, one after another; of long ranges, some values."""
    beside = at(space, row, value)
    for other in space.parameters:
        if other.name != row.name:
            for chosen in several_of(other):
                yield {**beside, other.name: chosen}


def several_of(row: Row, limit: int = 12) -> tuple[Scalar, ...]:
    """Every value of a row where there are few, else about `limit` of them, both ends among them."""
    if not isinstance(row, IntParameter):
        return ends(row)
    count = (row.high - row.low) // row.step
    places = range(count + 1) if count < limit else sorted({round(count * part / limit) for part in range(limit + 1)})
    return tuple(row.low + place * row.step for place in places)


def can_be(row: Row, value: Scalar) -> bool:
    """Whether the row can have this value, with its type."""
    if isinstance(row, CategoricalParameter):
        return any(type(choice) is type(value) and choice == value for choice in row.choices)
    if isinstance(value, bool) or not isinstance(value, int if isinstance(row, IntParameter) else float):
        return False
    if not row.low <= value <= row.high:
        return False
    steps = (value - row.low) / row.step if row.step is not None else 0.0
    return abs(steps - round(steps)) < 1e-8
