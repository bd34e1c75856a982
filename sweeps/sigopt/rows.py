"""One SigOpt parameter as a row of a space."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Parameter


class BadParameter(ValueError):
    """The parameter cannot be a row; the text says why."""


def row_of(name: str, given: Mapping[str, Any]) -> tuple[Parameter, list[str]]:
    """The row under `name`, and what changed on the way. Raises `BadParameter`."""
    notes = [
        f"its {what} is left out"
        for what, text in (("prior", "prior"), ("default_value", "default value"))
        if given.get(what) is not None and text
    ]
    kind = given.get("type", "categorical" if given.get("categorical_values") else None)
    try:
        match kind:
            case "categorical":
                row: Parameter = CategoricalParameter(name=name, choices=_choices(given.get("categorical_values")))
            case "double" | "int" if given.get("grid") is not None:
                row = CategoricalParameter(name=name, choices=_grid(given["grid"], whole=kind == "int"))
                notes.append("its grid became choices")
            case "double":
                low, high = _bounds(given)
                row = FloatParameter(name=name, low=low, high=high, log=_log(given))
            case "int":
                low, high = _bounds(given)
                if low != int(low) or high != int(high):
                    raise BadParameter("its bounds are no whole numbers.")
                row = IntParameter(name=name, low=int(low), high=int(high), log=_log(given))
            case _:
                raise BadParameter(f"its type {kind!r} is none of double, int and categorical.")
    except ValidationError as error:
        raise BadParameter(error.errors()[0]["msg"].removeprefix("Value error, ")) from None
    return row, notes


def _bounds(given: Mapping[str, Any]) -> tuple[float, float]:
    bounds = given.get("bounds")
    if isinstance(bounds, list | tuple) and len(bounds) == 2:
        bounds = {"min": bounds[0], "max": bounds[1]}
    if not isinstance(bounds, dict):
        raise BadParameter("it has no bounds with min and max.")
    return _number(bounds.get("min"), "min"), _number(bounds.get("max"), "max")


def _number(value: Any, what: str) -> float:
    if isinstance(value, str):
        # YAML reads 1e-5, without a dot, as text.
        try:
            value = float(value)
        except ValueError:
            raise BadParameter(f"its {what} is no number.") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadParameter(f"its {what} is no number.")
    if not math.isfinite(value) or abs(value) >= 2**63:
        raise BadParameter(f"its {what} is too large a number.")
    return float(value)


def _log(given: Mapping[str, Any]) -> bool:
    return given.get("transformation") == "log"


def _grid(values: Any, *, whole: bool) -> tuple[Scalar, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise BadParameter("its grid is empty.")
    numbers = [_number(value, "grid value") for value in values]
    return tuple(dict.fromkeys(int(number) if whole else number for number in numbers))


def _choices(values: Any) -> tuple[Scalar, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise BadParameter("it has no categorical_values.")
    named = [value.get("name") if isinstance(value, dict) else value for value in values]
    if not all(isinstance(value, str | int | float | bool) for value in named):
        raise BadParameter("its categorical_values are not all plain values.")
    return tuple(dict.fromkeys(named))
