"""Values against the catalogue: the right type, within bounds, a known choice.

The Trainer casts a searched value by `type(value in args)(value)`, so a whole number where a float belongs would cut
0.05 down to 0. What leaves here has the field's own type, which makes that cast the identity.
"""

import math

from runners.protocol.catalogue.shapes import Field, value_type
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from runners.protocol.spec import FieldValue


def typed(field: Field, value: FieldValue) -> FieldValue:
    """`value` with the type of `field`. Raises ValueError with a sentence that names the field and the mend."""
    if value is None:
        if field.nullable:
            return None
        raise ValueError(f"{field.name} needs a value.")
    match field.type:
        case "list" | "json":
            return _structured(field, value)
        case _ if isinstance(value, list | dict):
            raise ValueError(f"{field.name} must be a single value.")
        case "bool":
            if not isinstance(value, bool):
                raise ValueError(f"{field.name} must be true or false, not {value_type(value)}.")
            return value
        case "str" | "choice":
            return _text(field, value)
        case _:
            return _number(field, value)


def _structured(field: Field, value: FieldValue) -> FieldValue:
    if field.type == "list" and not isinstance(value, list):
        raise ValueError(f"{field.name} must be a list, such as {field.default}.")
    if field.type == "json" and not isinstance(value, dict):
        raise ValueError(f'{field.name} must be a set of names and values, such as {{"num_cycles": 2}}.')
    return value


def _text(field: Field, value: str | float | bool) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{field.name} must be text, not {value_type(value)}.")
    if field.choices and value not in field.choices:
        raise ValueError(f"{field.name} cannot be {value!r}. Choices: {', '.join(field.choices)}.")
    return value


def _number(field: Field, value: str | float | bool) -> float:
    if isinstance(value, str | bool):
        raise ValueError(f"{field.name} must be a number, not {value_type(value)}.")
    if not math.isfinite(value):
        raise ValueError(f"{field.name} must be a finite number.")
    if field.type == "int":
        if value != int(value):
            raise ValueError(f"{field.name} must be a whole number, not {value:g}.")
        value = int(value)
    if field.minimum is not None and value < field.minimum:
        raise ValueError(f"{field.name} must be {field.minimum:g} or more, not {value:g}.")
    if field.maximum is not None and value > field.maximum:
        raise ValueError(f"{field.name} must be {field.maximum:g} or less, not {value:g}.")
    return float(value) if field.type == "float" else value


def check_parameter(field: Field, parameter: FloatParameter | IntParameter | CategoricalParameter) -> None:
    """Refuse a row of a space that does not suit its field. Raises ValueError like `typed`."""
    if not field.searchable:
        raise ValueError(f"{parameter.name} cannot be searched: {field.reason}")
    match parameter:
        case FloatParameter() if field.type == "float":
            ends: tuple[FieldValue, ...] = (parameter.low, parameter.high)
        case IntParameter() if field.type in {"int", "float"}:
            ends = (parameter.low, parameter.high)
        case CategoricalParameter():
            ends = parameter.choices
        case _:
            wanted = {"int": "whole numbers (int) or choices", "float": "numbers or choices"}.get(field.type, "choices")
            raise ValueError(f"{parameter.name} takes {wanted}, not a range of type {parameter.type}.")
    for end in ends:
        typed(field, end)
