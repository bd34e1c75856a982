"""The rows of a space as Python that a reader knows: Optuna's `hp_space`."""

from collections.abc import Iterator, Mapping
from typing import Any

from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Lookup, SearchSpace, field_of

Row = FloatParameter | IntParameter | CategoricalParameter


def optuna_space(space: SearchSpace) -> list[str]:
    """`hp_space(trial)`: a dictionary, or row by row where some depend on others."""
    if not space.derived and not any(row.when for row in space.parameters):
        rows = (f"        {row.name!r}: {_suggest(row)}," for row in space.parameters)
        return ["def hp_space(trial):", "    return {", *rows, "    }"]
    return ["def hp_space(trial):", "    drawn = {}", *_one_by_one(space), "    return drawn"]


def derived_lines(space: SearchSpace) -> Iterator[str]:
    """What is computed from the drawn values, as comments: the formulas are not Python's."""
    for row in space.derived:
        if isinstance(row, Lookup):
            yield f"# {row.name} goes with {row.of}: {list(row.values)!r}"
        else:
            yield f"# {row.name} = {row.formula}"


def keywords(values: Mapping[str, Any]) -> str:
    """`a=1, b=2`."""
    return ", ".join(f"{field_of(name)}={value!r}" for name, value in values.items())


def _one_by_one(space: SearchSpace) -> Iterator[str]:
    for row in space.parameters:
        indent = "    "
        if row.when is not None:
            yield f"    if drawn.get({row.when.name!r}) in {tuple(row.when.values)!r}:"
            indent = "        "
        yield f"{indent}drawn[{row.name!r}] = {_suggest(row)}"
    for line in derived_lines(space):
        yield f"    {line}"


def _suggest(row: Row) -> str:
    name = repr(row.name)
    match row:
        case FloatParameter():
            return f"trial.suggest_float({name}, {row.low!r}, {row.high!r}{_more(row.step, row.log)})"
        case IntParameter():
            step = None if row.step == 1 else row.step
            return f"trial.suggest_int({name}, {row.low!r}, {row.high!r}{_more(step, row.log)})"
        case CategoricalParameter():
            return f"trial.suggest_categorical({name}, {list(row.choices)!r})"


def _more(step: float | None, log: bool) -> str:
    if step is not None:
        return f", step={step!r}"
    return ", log=True" if log else ""
