"""A whole search space: its rows, and what they are to each other."""

from collections.abc import Mapping, Sequence

from runners.protocol.space import SearchSpace
from runners.protocol.spec import ModelSource
from sweeps.validation.derived import check_condition, check_derived
from sweeps.validation.problems import Problem, errors_of
from sweeps.validation.rows import Parameter, RowChecker

MAX_ROWS = 100


def check_rows(
    rows: Sequence[Mapping[str, object]],
    *,
    derived: Sequence[Mapping[str, object]] = (),
    task: str = "",
    source: ModelSource | None = None,
) -> tuple[SearchSpace | None, list[Problem]]:
    """Rows as JSON → the space, typed by the catalogue, or None with what is wrong.

    Paths are `parameters.<row>.<field>` and `derived.<row>.<field>`.
    """
    if not rows:
        return None, [Problem("parameters", "Add at least one parameter to search.")]
    if len(rows) > MAX_ROWS:
        return None, [Problem("parameters", f"{len(rows)} parameters are too many; the most is {MAX_ROWS}.")]
    problems: list[Problem] = []
    parameters: list[Parameter] = []
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        checker = RowChecker(row, task=task, source=source)
        problems += [Problem(f"parameters.{index}.{found.path}", found.message) for found in checker.problems]
        name = str(row.get("name") or "")
        if name and name in first:
            message = f"{name} stands in row {first[name] + 1} already: remove one of the two."
            problems.append(Problem(f"parameters.{index}.name", message))
        elif checker.parameter is not None:
            problems += check_condition(checker.parameter, parameters, index)
            parameters.append(checker.parameter)
        first.setdefault(name, index)
    if errors_of(problems):
        return None, problems
    space = SearchSpace(parameters=tuple(parameters))
    if derived:
        made, found = check_derived(space, derived, task=task, source=source)
        return made, [*problems, *found]
    return space, problems


def check_space(
    space: SearchSpace, *, task: str = "", source: ModelSource | None = None
) -> tuple[SearchSpace | None, list[Problem]]:
    """As `check_rows`, of a space that has the contract's shape."""
    data = space.model_dump(mode="json")
    return check_rows(data["parameters"], derived=data["derived"], task=task, source=source)
