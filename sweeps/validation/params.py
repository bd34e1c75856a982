"""The parameters of one trial that a person makes: typed, inside of the space, and with what follows from them."""

import math
from collections.abc import Mapping

from runners.optimizers.compile import acts
from runners.optimizers.derive import resolved
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace
from sweeps.validation.problems import Problem
from sweeps.validation.text import short, shown

Row = FloatParameter | IntParameter | CategoricalParameter


def check_params(
    space: SearchSpace, given: Mapping[str, object], processes: int = 1
) -> tuple[dict[str, Scalar], list[Problem]]:
    """The values in row order, and what is wrong with them, at `params.<name>`."""
    values: dict[str, Scalar] = {}
    problems = []
    names = {row.name for row in space.parameters}
    for name in given:
        if name not in names:
            derived = any(row.name == name for row in space.derived)
            mend = "follows from others: leave it out." if derived else "is no parameter of this space: leave it out."
            problems.append(Problem(f"params.{name}", f"{short(str(name))} {mend}"))
    for row in space.parameters:
        try:
            values |= _value(row, given, values)
        except ValueError as error:
            problems.append(Problem(f"params.{row.name}", str(error)))
    if not problems:
        try:
            resolved(space, values, processes)
        except ValueError as error:
            problems.append(Problem("params", f"{error} Change the values that it is computed from."))
    return values, problems


def inside(row: Row, value: object) -> Scalar:
    """The value with the row's type. Raises ValueError that names the row and what it may be."""
    match row:
        case CategoricalParameter():
            return _choice(row, value)
        case IntParameter():
            return _whole(row, value)
        case FloatParameter():
            return _real(row, value)


def _value(row: Row, given: Mapping[str, object], values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The row's name and value; nothing where it does not act."""
    if not acts(row, values):
        if row.name in given and row.when is not None:
            wanted = " or ".join(shown(value) for value in row.when.values)
            raise ValueError(f"{row.name} acts only where {row.when.name} is {wanted}: leave it out.")
        return {}
    if row.name not in given:
        raise ValueError(f"Give {row.name} a value: {_said(row)}.")
    return {row.name: inside(row, given[row.name])}


def _choice(row: CategoricalParameter, value: object) -> Scalar:
    for choice in row.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    # JSON writers of other languages know one kind of number.
    if isinstance(value, int | float) and not isinstance(value, bool):
        for choice in row.choices:
            if isinstance(choice, int | float) and not isinstance(choice, bool) and choice == value:
                return choice
    raise ValueError(f"{row.name} must be {_said(row)}, not {short(str(value))}.")


def _whole(row: IntParameter, value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not row.low <= value <= row.high:
        raise ValueError(f"{row.name} must be {_said(row)}, not {short(str(value))}.")
    if (value - row.low) % row.step:
        raise ValueError(f"{row.name} goes up from {row.low} in steps of {row.step}, which {value} is not one of.")
    return value


def _real(row: FloatParameter, value: object) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not row.low <= float(value) <= row.high:  # type: ignore[arg-type]  # a number, as just asked
        raise ValueError(f"{row.name} must be {_said(row)}, not {short(str(value))}.")
    found = float(value)  # type: ignore[arg-type]  # a number, as just asked
    if row.step is not None:
        steps = (found - row.low) / row.step
        if not math.isclose(steps, round(steps), abs_tol=1e-6):
            raise ValueError(
                f"{row.name} goes up from {row.low:g} in steps of {row.step:g}, which {found:g} is not one of."
            )
    return found


def _said(row: Row) -> str:
    if isinstance(row, CategoricalParameter):
        return f"one of {', '.join(shown(choice) for choice in row.choices[:12])}"
    kind = "a whole number" if isinstance(row, IntParameter) else "a number"
    return f"{kind} from {row.low:g} to {row.high:g}"
