"""Another version of a sweep's space: other bounds, choices added or dropped, where the backend can go on with them."""

from collections.abc import Mapping

from pydantic import ValidationError

from runners.optimizers.ray_choices import RAY_SEARCHES
from runners.optimizers.samplers import SAMPLERS
from runners.protocol.backends import AnyBackend, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.base import Message, Scalar
from runners.protocol.space import Lookup, SearchSpace
from runners.protocol.spec import SweepSpec
from sweeps.validation.extremes import check_extremes
from sweeps.validation.params import inside
from sweeps.validation.problems import Problem, errors_of, from_pydantic
from sweeps.validation.space import check_space, check_space_for


class RowChange(Message):
    """What is to be otherwise in one row: `low` and `high` of a number, `choices` of a row with choices.

    `values`: of a derived row that goes with one whose choices change, in the order of the new choices.
    """

    low: int | float | None = None
    high: int | float | None = None
    choices: tuple[Scalar, ...] | None = None
    values: tuple[Scalar, ...] | None = None


def amended(spec: SweepSpec, changes: Mapping[str, RowChange]) -> tuple[SearchSpace | None, list[Problem]]:
    """The space with these changes, or None; what is wrong with them, at `parameters.<name>`."""
    if not changes:
        return None, [Problem("parameters", "Say what is to change: low, high or choices of a parameter.")]
    reason = why_fixed(spec.backend)
    if reason:
        return None, [Problem("parameters", reason)]
    data = spec.space.model_dump(mode="json")
    rows = {row["name"]: row for row in (*data["parameters"], *data["derived"])}
    problems = [problem for name, change in changes.items() for problem in _apply(name, rows.get(name), change)]
    if problems:
        return None, problems
    try:
        space = SearchSpace.model_validate(data)
    except ValidationError as error:
        return None, [Problem(_named(data, found.path), found.message) for found in from_pydantic(error)]
    if space == spec.space:
        return None, [Problem("parameters", "Nothing is different from the space as it is.")]
    return _checked(spec, space)


def why_fixed(backend: AnyBackend) -> str:
    """Why the space of a sweep with this backend stays as it is; empty where it may change."""
    match backend:
        case OptunaBackend():
            name = backend.sampler.name
            if name in {"grid", "brute_force"}:
                return _clone(f"{SAMPLERS[name].label} goes through one list of combinations")
        case RayBackend():
            if backend.scheduler.name == "pbt":
                return _clone("Population-based training goes on with the population that it has")
            if backend.search.name != "random":
                kind = RAY_SEARCHES.get(backend.search.name)
                return _clone(
                    f"Ray's search {kind.label if kind else backend.search.name} keeps the space it began with"
                )
        case WandbBackend():
            if backend.server == "wandb":
                return _clone("W&B's own server draws from the sweep that was made there")
            if backend.method != "random":
                return _clone(f"The method {backend.method} keeps the space it began with")
    return ""


def _clone(why: str) -> str:
    return f"{why}, so the space can't be amended. Clone the sweep to search another one."


def _apply(name: str, row: dict[str, object] | None, change: RowChange) -> list[Problem]:
    path = f"parameters.{name}"
    if row is None:
        return [Problem(path, f"{name} is no row of the space: only rows that are there can be amended.")]
    told = change.model_dump(exclude_none=True, mode="json")
    able = {"lookup": {"values"}, "categorical": {"choices"}, "float": {"low", "high"}, "int": {"low", "high"}}
    kind = str(row["type"])
    for field in sorted(set(told) - able.get(kind, set())):
        may = " and ".join(sorted(able.get(kind, set()))) or "nothing"
        return [Problem(f"{path}.{field}", f"{name} has no {field} to amend: of this row, {may} can change.")]
    row.update(told)
    return []


def _checked(spec: SweepSpec, space: SearchSpace) -> tuple[SearchSpace | None, list[Problem]]:
    checked, found = check_space(space, task=spec.task, source=spec.model, processes=spec.processes)
    data = space.model_dump(mode="json")
    problems = [Problem(_named(data, problem.path), problem.message, problem.warning) for problem in found]
    if checked is None:
        return None, problems
    problems += [Problem("parameters", problem.message) for problem in check_space_for(checked, spec.backend)]
    problems += _fixed_values(spec.backend, checked)
    if not errors_of(problems):
        # What was wrong with the space before is not the amendment's fault.
        known = check_extremes(spec.model, spec.space, spec.data_settings, spec.processes)
        for problem in check_extremes(spec.model, checked, spec.data_settings, spec.processes):
            if problem not in known:
                path = problem.path.replace("space.", "parameters.", 1)
                problems.append(Problem(path, problem.message, problem.warning))
    return (None if errors_of(problems) else checked), problems


def _fixed_values(backend: AnyBackend, space: SearchSpace) -> list[Problem]:
    """Values that the sampler was told to keep must stay inside."""
    if not isinstance(backend, OptunaBackend):
        return []
    problems = []
    for row in space.parameters:
        if row.name in backend.fixed:
            try:
                inside(row, backend.fixed[row.name])
            except ValueError as error:
                problems.append(Problem(f"parameters.{row.name}", f"The sampler keeps it fixed: {error}"))
    return problems


def _named(data: dict[str, list[dict[str, object]]], path: str) -> str:
    """`parameters.0.float.low` → `parameters.learning_rate.low`."""
    parts = [part for part in path.split(".") if part not in {"float", "int", "categorical", "formula", "lookup"}]
    if len(parts) > 1 and parts[0] in data and parts[1].isdigit() and int(parts[1]) < len(data[parts[0]]):
        return ".".join(["parameters", str(data[parts[0]][int(parts[1])]["name"]), *parts[2:]])
    return "parameters"


def coupled(space: SearchSpace, name: str) -> list[Lookup]:
    """The derived rows that have one value for each choice of this row."""
    return [row for row in space.derived if isinstance(row, Lookup) and row.of == name]
