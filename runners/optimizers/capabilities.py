"""What a backend will really do with each row of a space, and what it cannot do.

Neither Ray nor wandb is imported: the server describes what a runner will do.
"""

from dataclasses import dataclass
from typing import assert_never

from runners.optimizers.capabilities_wandb import wandb_problems, wandb_text
from runners.optimizers.compile_ray import described_ray
from runners.optimizers.grid import grid_of
from runners.optimizers.ray_choices import RAY_SEARCHES, ray_unfit
from runners.optimizers.samplers import SAMPLERS, check_fixed, unfit
from runners.protocol.backends import AnyBackend, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, Derived, FloatParameter, IntParameter, Lookup, SearchSpace

Row = FloatParameter | IntParameter | CategoricalParameter


@dataclass(frozen=True)
class Line:
    """`does`: the row as the backend is given it, in the backend's own words. `note`: what a reader must know beside it."""

    name: str
    does: str
    note: str = ""


def described(space: SearchSpace, backend: AnyBackend) -> tuple[list[Line], list[str]]:
    """One line for each row, drawn and derived, and a sentence for each thing that the backend cannot express."""
    match backend:
        case OptunaBackend():
            lines, problems = _optuna(space, backend)
        case RayBackend():
            lines, problems = _ray(space, backend)
        case WandbBackend():
            lines = [Line(row.name, wandb_text(row, backend), _note(row, backend)) for row in space.parameters]
            problems = wandb_problems(space, backend)
        case _:
            assert_never(backend)
    return [*lines, *(_derived(row) for row in space.derived)], problems


def _optuna(space: SearchSpace, backend: OptunaBackend) -> tuple[list[Line], list[str]]:
    name = backend.sampler.name
    if name not in SAMPLERS:
        return [], [f"sampler {name!r} is unknown. Samplers: {', '.join(SAMPLERS)}."]
    reason = unfit(name, space)
    problems = [reason] if reason else []
    try:
        check_fixed(backend, space)
    except ValueError as error:
        problems.append(str(error))
    lines = []
    for row in space.parameters:
        does = f"fixed at {backend.fixed[row.name]!r}" if row.name in backend.fixed else _suggested(row)
        if name == "grid" and not reason:
            does = f"each of {_shown(grid_of(SearchSpace(parameters=(_alone(row),)))[row.name])}"
        lines.append(Line(row.name, does, _note(row, backend)))
    return lines, problems


def _ray(space: SearchSpace, backend: RayBackend) -> tuple[list[Line], list[str]]:
    kind = RAY_SEARCHES.get(backend.search.name)
    if kind is None:
        return [], [f"search {backend.search.name!r} is unknown. Known: {', '.join(RAY_SEARCHES)}."]
    reason = ray_unfit(backend, space)
    grid = kind.name == "grid"
    lines = []
    for row in space.parameters:
        endless = grid and isinstance(row, FloatParameter) and row.step is None and row.low != row.high
        lines.append(Line(row.name, described_ray(row, grid=grid and not endless), _note(row, backend)))
    return lines, [reason] if reason else []


def _suggested(row: Row) -> str:
    if isinstance(row, CategoricalParameter):
        return f"suggest_categorical({row.name!r}, {_shown(list(row.choices))})"
    said = f"suggest_{row.type}({row.name!r}, {row.low!r}, {row.high!r}"
    if row.step is not None and (row.type == "float" or row.step != 1):
        said += f", step={row.step!r}"
    return said + (", log=True)" if row.log else ")")


def _note(row: Row, backend: AnyBackend) -> str:
    notes = []
    if row.when is not None:
        wanted = f"only when {row.when.name} is {' or '.join(map(str, row.when.values))}"
        # Optuna asks row by row; the others draw all rows at once.
        notes.append(wanted if isinstance(backend, OptunaBackend) else f"drawn always, used {wanted}")
    if isinstance(backend, RayBackend):
        if backend.search.name in {"optuna", "hyperopt", "bohb"} and _stepped(row):
            notes.append("as a choice, so that each step is exact; the search does not know their order")
        if row.name in backend.mutations:
            notes.append("may change while a trial trains")
        if backend.search.name == "hyperopt" and isinstance(row, IntParameter) and row.log:
            notes.append("HyperOpt draws a real number and rounds it, so both ends come a little less or more often")
    return "; ".join(notes)


def _stepped(row: Row) -> bool:
    return not isinstance(row, CategoricalParameter) and row.step not in (None, 1) and row.low != row.high


def _derived(row: Derived) -> Line:
    if isinstance(row, Lookup):
        return Line(
            row.name, f"goes with {row.of}: {_shown(list(row.values))}", "not drawn: in the order of its choices"
        )
    return Line(row.name, row.formula, "not drawn: computed for each trial before it starts")


def _alone(row: Row) -> Row:
    return row.model_copy(update={"when": None})


def _shown(values: list[Scalar]) -> str:
    return f"[{', '.join(map(repr, values[:6]))}{', …' if len(values) > 6 else ''}]"
