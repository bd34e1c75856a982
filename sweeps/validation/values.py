"""One value of one known field: from what a person typed, or from JSON, to the type that the field has."""

import difflib
import json

from runners.protocol.catalogue import Field
from runners.protocol.catalogue import values as contract
from runners.protocol.spec import FieldValue
from sweeps.validation.text import short

NOTHING = ("none", "null")
YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")
LARGEST = 2**63
"""No whole number beyond it survives Optuna's storages and a database column."""


def typed(field: Field, value: FieldValue) -> FieldValue:
    """The value with the field's own type: an int for a float field becomes a float.

    Raises ValueError with a sentence that names the field and the mend.
    """
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise ValueError(f"{field.name} is too large a number.")
    if field.choices and isinstance(value, str) and value not in field.choices:
        near = difflib.get_close_matches(value, field.choices, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"{field.name} can't be {short(value)!r}.{hint} Choices: {', '.join(field.choices)}.")
    return contract.typed(field, value)


def parsed(field: Field, text: str) -> FieldValue:
    """The value that a person typed. Raises ValueError like `typed`."""
    text = text.strip()
    if text.lower() in NOTHING and field.nullable:
        return None
    value: FieldValue = text
    match field.type:
        case "bool":
            if text.lower() not in YES + NO:
                raise ValueError(f"{field.name} must be true or false, not {short(text)!r}.")
            value = text.lower() in YES
        case "int" | "float":
            value = number(field.name, text)
        case "list" | "json":
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                raise ValueError(f"{field.name} must be JSON, such as {_example(field)}.") from None
            if not _flat(value):
                raise ValueError(f"{field.name} must hold single values only, such as {_example(field)}.")
    return typed(field, value)


def number(name: str, text: str) -> int | float:
    """The number that a person typed. Raises ValueError that names the field."""
    for kind in (int, float):
        try:
            return kind(text[:100])
        except ValueError:
            continue
    raise ValueError(f"{name} must be a number, not {short(text)!r}.")


def _flat(value: object) -> bool:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and all(item is None or isinstance(item, str | int | float | bool) for item in inner)


def _example(field: Field) -> str:
    if field.type == "list":
        return json.dumps(field.default or [1, 2])
    return '{"num_cycles": 2}'
