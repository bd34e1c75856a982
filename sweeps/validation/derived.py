"""Conditions of rows, and rows that follow from others."""

from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from runners.optimizers.derive import PROCESSES, inputs_of, resolved
from runners.optimizers.preview import draw
from runners.protocol.space import CategoricalParameter, Derived, Parameter, Place, SearchSpace, place_of
from runners.protocol.spec import ModelSource
from sweeps.validation.known import resolve
from sweeps.validation.problems import Problem, from_pydantic
from sweeps.validation.text import shown
from sweeps.validation.values import typed

DERIVED: TypeAdapter[Derived] = TypeAdapter(Derived)
TRIED = 40
"""So many draws show whether a formula can be computed."""


def check_condition(row: Parameter, earlier: Sequence[Parameter], index: int) -> list[Problem]:
    """The condition of a row: on an earlier row, and on values that it can have."""
    when, path = row.when, f"parameters.{index}.when"
    if when is None:
        return []
    source = next((known for known in earlier if known.name == when.name), None)
    if source is None:
        return [Problem(path, f"The condition names {when.name}, which is no row above this one: move it up.")]
    if isinstance(source, CategoricalParameter):
        for value in when.values:
            if not any(type(value) is type(choice) and value == choice for choice in source.choices):
                choices = ", ".join(shown(choice) for choice in source.choices)
                return [Problem(path, f"{when.name} is never {shown(value)}. Its choices: {choices}.")]
    return []


def check_derived(
    space: SearchSpace,
    rows: Sequence[Mapping[str, object]],
    *,
    task: str = "",
    source: ModelSource | None = None,
) -> tuple[SearchSpace | None, list[Problem]]:
    """The space with its derived rows, or None with what is wrong (`derived.<row>.<field>`)."""
    made: list[Derived] = []
    known = {row.name for row in space.parameters}
    for index, given in enumerate(rows):
        path = f"derived.{index}"
        try:
            row = DERIVED.validate_python(given)
            SearchSpace(parameters=space.parameters, derived=(*made, row))
            inputs = inputs_of(row)
            if place_of(row.name) is not Place.VARIABLE:
                resolve(row.name, task=task, source=source)
        except ValidationError as error:
            return None, from_pydantic(error, path, ("formula", "lookup"))
        except ValueError as error:
            return None, [Problem(f"{path}.name", str(error))]
        missing = sorted(inputs - known)
        if missing:
            message = f"{missing[0]} is no parameter above. Known: {', '.join(sorted(known))}, {PROCESSES}."
            return None, [Problem(f"{path}.formula", message)]
        known.add(row.name)
        made.append(row)
    whole = SearchSpace(parameters=space.parameters, derived=tuple(made))
    return whole, _computed(whole, task, source)


def _computed(space: SearchSpace, task: str, source: ModelSource | None) -> list[Problem]:
    """What goes wrong in a few draws: a warning, since other draws may be right."""
    for drawn in draw(space, TRIED, 0):
        try:
            values = resolved(space, drawn)
            for row in space.derived:
                if row.name in values and place_of(row.name) is not Place.VARIABLE:
                    typed(resolve(row.name, task=task, source=source), values[row.name])
        except ValueError as error:
            told = ", ".join(f"{name} = {shown(value)}" for name, value in drawn.items())
            return [Problem("derived", f"With {told}: {error} Such a trial fails.", warning=True)]
    return []
