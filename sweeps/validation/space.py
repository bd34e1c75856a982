"""A whole search space: its rows, what they are to each other, and what a backend can do with it."""

from collections.abc import Mapping, Sequence

from runners.optimizers.capabilities import described
from runners.optimizers.derive import inputs_of
from runners.protocol.backends import AnyBackend
from runners.protocol.space import Derived, Place, SearchSpace, place_of
from runners.protocol.spec import ModelSource
from sweeps.validation.derived import check_derived
from sweeps.validation.problems import Problem, errors_of
from sweeps.validation.rows import Parameter, RowChecker

MAX_ROWS = 100

Json = Mapping[str, object]


def check_rows(
    rows: Sequence[Json],
    derived: Sequence[Json] = (),
    *,
    task: str = "",
    source: ModelSource | None = None,
    processes: int = 1,
) -> tuple[SearchSpace | None, list[Problem]]:
    """Rows and derived values as JSON → the space, typed by the catalogue, or None with what is wrong.

    Paths are `parameters.<row>.<field>` and `derived.<row>.<field>`. Warnings may stand beside a space.
    """
    if not rows:
        return None, [Problem("parameters", "Add at least one parameter to search.")]
    if len(rows) + len(derived) > MAX_ROWS:
        return None, [
            Problem("parameters", f"{len(rows) + len(derived)} parameters are too many; the most is {MAX_ROWS}.")
        ]
    problems: list[Problem] = []
    parameters: dict[str, Parameter] = {}
    first: dict[str, int] = {}
    for index, row in enumerate(rows):
        checker = RowChecker(row, earlier=parameters, task=task, source=source)
        problems += [Problem(f"parameters.{index}.{found.path}", found.message) for found in checker.problems]
        name = str(row.get("name") or "")
        if name and name in first:
            message = f"{name} stands in row {first[name] + 1} already: remove one of the two."
            problems.append(Problem(f"parameters.{index}.name", message))
        elif checker.parameter is not None:
            parameters[name] = checker.parameter
        first.setdefault(name, index)
    space, found = check_derived(
        derived, tuple(parameters.values()), names=set(first), task=task, source=source, processes=processes
    )
    problems += found
    if space is not None and not errors_of(problems):
        problems += _idle(space)
    return (None if errors_of(problems) else space), problems


def check_space(
    space: SearchSpace, *, task: str = "", source: ModelSource | None = None, processes: int = 1
) -> tuple[SearchSpace | None, list[Problem]]:
    """As `check_rows`, of a space that has the contract's shape."""
    data = space.model_dump(mode="json")
    return check_rows(data["parameters"], data["derived"], task=task, source=source, processes=processes)


def check_space_for(space: SearchSpace, backend: AnyBackend) -> list[Problem]:
    """What the backend cannot do with this space, at `backend`."""
    return [Problem("backend", reason) for reason in described(space, backend)[1]]


def _idle(space: SearchSpace) -> list[Problem]:
    """Variables that nothing reads, and derived variables likewise: they would be drawn for nothing."""
    read = {row.when.name for row in space.parameters if row.when}
    for derived in space.derived:
        read |= inputs_of(derived)
    places: list[tuple[str, Parameter | Derived]] = [
        *((f"parameters.{index}", row) for index, row in enumerate(space.parameters)),
        *((f"derived.{index}", row) for index, row in enumerate(space.derived)),
    ]
    return [
        Problem(
            f"{path}.name",
            f"{row.name} acts nowhere by itself: use it in a derived value or a condition, or take it out.",
        )
        for path, row in places
        if place_of(row.name) is Place.VARIABLE and row.name not in read
    ]
