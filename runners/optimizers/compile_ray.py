"""A search space for Ray Tune, as far as that needs no Ray: lists, values, and words (see `process.search.ray.domains`).

Choices, and numbers with a step, are drawn as places in a list: Ray draws choices through NumPy, which would make
["a", 1] two strings and [0.5, 1] two floats. `decode` turns places into the values themselves.
"""

from collections.abc import Mapping
from typing import Any, Final

from runners.optimizers.compile import acts
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

_MOST_SHOWN: Final = 6

Row = FloatParameter | IntParameter | CategoricalParameter


def listed(row: Row) -> list[Scalar] | None:
    """The values of a row that is drawn as a place in a list; None for a range."""
    match row:
        case CategoricalParameter():
            return list(row.choices)
        case IntParameter() if row.step != 1 or row.low == row.high:
            return list(range(row.low, row.high + 1, row.step))
        case FloatParameter(step=float(step)):
            return [min(row.high, row.low + index * step) for index in range(round((row.high - row.low) / step) + 1)]
        case FloatParameter() if row.low == row.high:
            return [row.low]
        case _:
            return None


def decode(space: SearchSpace, drawn: Mapping[str, Any]) -> dict[str, Scalar]:
    """What Ray drew as plain Python values, in row order; rows whose condition is not met are left out."""
    values: dict[str, Scalar] = {}
    for row in space.parameters:
        if not acts(row, values):
            continue
        choices = listed(row)
        value = drawn[row.name]
        if choices is not None:
            values[row.name] = choices[int(value)]
        elif isinstance(row, IntParameter):
            values[row.name] = min(row.high, max(row.low, int(value)))
        else:
            assert isinstance(row, FloatParameter)
            values[row.name] = min(row.high, max(row.low, float(value)))
    return values


def encode(space: SearchSpace, values: Mapping[str, Scalar]) -> dict[str, Any]:
    """The reverse of `decode`, for values that are all there."""
    drawn: dict[str, Any] = {}
    for row in space.parameters:
        choices = listed(row)
        value = values[row.name]
        if choices is None:
            drawn[row.name] = value
        else:
            drawn[row.name] = next(
                index for index, choice in enumerate(choices) if type(choice) is type(value) and choice == value
            )
    return drawn


def described_ray(row: Row, *, grid: bool = False, shorten: bool = True) -> str:
    """The row's domain as one would write it. `shorten`: a long list ends in "…", for people alone."""
    values = listed(row)
    if values is None and grid and isinstance(row, IntParameter):
        values = list(range(row.low, row.high + 1))
    if values is not None:
        most = _MOST_SHOWN if shorten else len(values)
        shown = ", ".join(repr(value) for value in values[:most]) + (", …" if len(values) > most else "")
        return f"tune.{'grid_search' if grid else 'choice'}([{shown}])"
    assert not isinstance(row, CategoricalParameter)
    if isinstance(row, IntParameter):
        return f"tune.{'lograndint' if row.log else 'randint'}({row.low}, {row.high + 1})"
    return f"tune.{'loguniform' if row.log else 'uniform'}({row.low!r}, {row.high!r})"
