"""The parameters of all trials as columns, numbers and choices apart."""

from collections.abc import Callable, Sequence
from typing import Any

from typing_extensions import TypedDict

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, Lookup, SearchSpace

Params = dict[str, Scalar]


class ParamColumn(TypedDict):
    """`kind` "number": numbers, null where a trial has none. `kind` "choice": places in `choices`, null the same."""

    name: str
    kind: str
    log: bool
    choices: list[Scalar] | None
    values: list[float | int | None]


def param_columns(
    spec: dict[str, Any], trials: Sequence[Params], number: Callable[[object], float | None]
) -> list[ParamColumn]:
    """One column for each row of the space that is drawn or derived, then for other names that trials have.

    `number` writes a number as the column wants it. A column is of choices where the space says so, or where a trial has
    something else than a number; choices that the space does not list (any more) come after those that it does.
    """
    space = SearchSpace.model_validate(spec["space"]) if "space" in spec else SearchSpace()
    names = dict.fromkeys([row.name for row in (*space.parameters, *space.derived)] or spec.get("names") or [])
    for params in trials:
        names.update(dict.fromkeys(params))
    listed = _listed(space)
    logs = {row.name for row in space.parameters if not isinstance(row, CategoricalParameter) and row.log}
    columns = [_column(name, trials, listed.get(name), name in logs, number) for name in names]
    # What is computed on the way (`var.…`, a derived value) may not be stored with trials at all.
    drawn = {row.name for row in space.parameters}
    return [column for column in columns if column["name"] in drawn or any(v is not None for v in column["values"])]


def _column(
    name: str,
    trials: Sequence[Params],
    listed: list[Scalar] | None,
    log: bool,
    number: Callable[[object], float | None],
) -> ParamColumn:
    if listed is None and all(_is_number(params[name]) for params in trials if name in params):
        values = [number(params.get(name)) for params in trials]
        return {"name": name, "kind": "number", "log": log, "choices": None, "values": values}
    choices = list(listed or [])
    places = {_key(choice): place for place, choice in enumerate(choices)}
    found: list[float | int | None] = []
    for params in trials:
        if name not in params:
            found.append(None)
            continue
        key = _key(params[name])
        if key not in places:
            places[key] = len(choices)
            choices.append(params[name])
        found.append(places[key])
    return {"name": name, "kind": "choice", "log": False, "choices": choices, "values": found}


def _listed(space: SearchSpace) -> dict[str, list[Scalar]]:
    """The choices that the space lists, by name."""
    listed = {row.name: list(row.choices) for row in space.parameters if isinstance(row, CategoricalParameter)}
    for row in space.derived:
        if isinstance(row, Lookup) and not all(_is_number(value) for value in row.values):
            listed[row.name] = list({_key(value): value for value in row.values}.values())
    return listed


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(value: Scalar) -> tuple[type, Scalar]:
    """1, 1.0 and True are equal in Python, and three choices."""
    return type(value), value
