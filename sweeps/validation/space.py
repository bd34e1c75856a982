"""A whole search space: its rows, and what they are to each other."""

from collections.abc import Mapping, Sequence

from runners.protocol.space import SearchSpace
from runners.protocol.spec import ModelSource
from sweeps.validation.problems import Problem, errors_of
from sweeps.validation.rows import RowChecker

MAX_ROWS = 100


def check_rows(
    rows: Sequence[Mapping[str, object]], *, task: str = "", source: ModelSource | None = None
) -> tuple[SearchSpace | None, list[Problem]]:
    """Rows as JSON → the space, typed by the catalogue, or None with what is wrong (`parameters.<row>.<field>`)."""
    if not rows:
        return None, [Problem("parameters", "Add at least one parameter to search.")]
    if len(rows) > MAX_ROWS:
        return None, [Problem("parameters", f"{len(rows)} parameters are too many; the most is {MAX_ROWS}.")]
    problems: list[Problem] = []
    parameters = []
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        checker = RowChecker(row, task=task, source=source)
        problems += [Problem(f"parameters.{index}.{found.path}", found.message) for found in checker.problems]
        name = str(row.get("name") or "")
        if name and name in first:
            message = f"{name} stands in row {first[name] + 1} already: remove one of the two."
            problems.append(Problem(f"parameters.{index}.name", message))
        elif checker.parameter is not None:
            parameters.append(checker.parameter)
        first.setdefault(name, index)
    if errors_of(problems):
        return None, problems
    return SearchSpace(parameters=tuple(parameters)), problems


def check_space(
    space: SearchSpace, *, task: str = "", source: ModelSource | None = None
) -> tuple[SearchSpace | None, list[Problem]]:
    """As `check_rows`, of a space that has the contract's shape."""
    return check_rows(space.model_dump(mode="json")["parameters"], task=task, source=source)
