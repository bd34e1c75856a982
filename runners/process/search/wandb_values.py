"""A value that has been through YAML and JSON, as its row has it."""

from collections.abc import Mapping
from typing import Any

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter


def typed_value(row: FloatParameter | IntParameter | CategoricalParameter, given: Mapping[str, Any]) -> Scalar:
    """The row's value among the given ones. Raises LookupError for one that is missing or that the row cannot have."""
    if row.name not in given:
        raise LookupError(
            f"The W&B server proposed no {row.name}. It proposed: {', '.join(sorted(given)) or 'nothing'}."
        )
    value = given[row.name]
    match row:
        case FloatParameter():
            found: Scalar = float(value)
        case IntParameter():
            found = int(value)
        case CategoricalParameter():
            equal = [choice for choice in row.choices if choice == value and _kind(choice) is _kind(value)]
            if not equal:
                raise LookupError(f"The W&B server proposed {value!r} for {row.name}, which is none of its choices.")
            found = next((choice for choice in equal if type(choice) is type(value)), equal[0])
    return found


def _kind(value: Any) -> type:
    """1 and 1.0 may have been taken for each other on the way; true and 1 are not."""
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
