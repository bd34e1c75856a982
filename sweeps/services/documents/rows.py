"""A space as a mapping of names to rows, as people write it: `learning_rate: {low: 1e-5, high: 1e-3, log: true}`.

Rows that follow from others (`formula`, `of`) stand in the same mapping, since a name is used once in a space.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from runners.protocol.space import SearchSpace
from sweeps.services.documents.sentences import problems_of
from sweeps.services.documents.yaml_text import Line
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.space import check_rows

ONE_VALUE: Final = ("type", "low", "high", "log", "step", "of", "formula")
DERIVED: Final = ("formula", "lookup")
TAGS: Final = ("float", "int", "categorical", "formula", "lookup", "str", "bool", "none")


def rows_of(space: SearchSpace) -> dict[str, Line]:
    """Name → the row's fields that differ from their defaults, `type` first."""
    found = {}
    for row in (*space.parameters, *space.derived):
        fields = row.model_dump(mode="json", exclude_defaults=True, exclude={"name", "type"})
        found[row.name] = Line({"type": row.type, **fields})
    return found


def space_of(rows: object, *, task: str = "") -> SearchSpace:
    """The space, which need not be a good one yet. Raises `Invalid` with paths such as `space.learning_rate.high`."""
    if not isinstance(rows, Mapping):
        raise Invalid(
            [Problem("space", "Write a mapping of names to rows, such as learning_rate: {low: 1e-5, high: 1e-3}.")]
        )
    problems: list[Problem] = []
    parameters: list[dict[str, Any]] = []
    derived: list[dict[str, Any]] = []
    for name, given in rows.items():
        row = {"choices": given} if isinstance(given, list) else given
        if not isinstance(row, Mapping):
            problems.append(Problem(f"space.{name}", ROW))
        elif "name" in row:
            problems.append(Problem(f"space.{name}.name", "The name stands before the colon: take this one out."))
        elif odd := [field for field in ONE_VALUE if isinstance(row.get(field), list | Mapping)]:
            problems += [Problem(f"space.{name}.{field}", "Write one value here.") for field in odd]
        else:
            whole = {**row, "type": row.get("type", kind_of(row)), "name": name}
            (derived if whole["type"] in DERIVED else parameters).append(whole)
    problems += _problems(parameters, derived, task)
    if problems:
        raise Invalid(problems)
    return SearchSpace.model_validate({"parameters": parameters, "derived": derived})


def _problems(parameters: list[dict[str, Any]], derived: list[dict[str, Any]], task: str) -> list[Problem]:
    """What keeps these rows from being a space in its shape."""
    try:
        SearchSpace.model_validate({"parameters": parameters, "derived": derived})
    except ValidationError as error:
        _, checked = check_rows(parameters, derived, task=task)
        found = [place(problem, parameters, derived) for problem in checked if not problem.warning]
        known = {problem.path for problem in found}
        rough = [place(problem, parameters, derived) for problem in problems_of(error, tags=TAGS)]
        # The checks of the form have the better sentences; the shape alone knows of a field that does not exist.
        extra = [problem for problem in rough if problem.path.count(".") > 1 and problem.path not in known]
        return [*found, *(extra if known else rough)]
    return []


ROW: Final = (
    "Write its bounds ({low: 1, high: 8}), its choices ({choices: [8, 16]}), or what it follows from ({formula: …})."
)


def kind_of(row: Mapping[str, Any]) -> str:
    """The type of a row that does not say it."""
    if "formula" in row:
        return "formula"
    if "of" in row:
        return "lookup"
    if "choices" in row:
        return "categorical"
    ends = (row.get("low"), row.get("high"), row.get("step", 1))
    return "int" if all(isinstance(end, int) and not isinstance(end, bool) for end in ends) else "float"


def place(problem: Problem, parameters: list[dict[str, Any]], derived: list[dict[str, Any]]) -> Problem:
    """`parameters.0.low` → `space.learning_rate.low`."""
    first, _, rest = problem.path.partition(".")
    index, _, field = rest.partition(".")
    rows = {"parameters": parameters, "derived": derived}.get(first)
    if rows is None or not index.isdigit() or int(index) >= len(rows):
        return Problem("space", problem.message, problem.warning)
    # The name stands before the colon.
    name = str(rows[int(index)]["name"]) + (f".{field}" if field not in ("", "name") else "")
    return Problem(f"space.{name}", problem.message, problem.warning)
