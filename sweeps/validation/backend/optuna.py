"""Optuna: sampler, pruner, terminator and fixed values, and whether they fit the space and the objectives."""

from collections.abc import Iterator

from runners.optimizers.options import filled
from runners.optimizers.pruners import NO_PRUNER, PRUNERS
from runners.optimizers.samplers import PARTIAL_FIXED, SAMPLERS, unfit
from runners.optimizers.terminators import TERMINATORS
from runners.protocol.backends import OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from sweeps.validation.backend.choice import check_choice
from sweeps.validation.backend.searched import Searched, needs_evaluations
from sweeps.validation.problems import Problem, errors_of


def check_optuna(backend: OptunaBackend, searched: Searched) -> list[Problem]:
    """Everything that is wrong or odd, at `backend.…`."""
    problems = check_choice(
        "backend.sampler", "sampler", backend.sampler, {kind.name: kind.options for kind in SAMPLERS.values()}
    )
    if not problems:
        problems += _sampler(backend, searched)
    return [*problems, *_pruner(backend, searched), *_terminator(backend, searched)]


def _sampler(backend: OptunaBackend, searched: Searched) -> Iterator[Problem]:
    space, name = searched.space, backend.sampler.name
    inner = str(backend.sampler.options.get("sampler", "tpe")) if name == PARTIAL_FIXED else name
    if space is not None:
        reason = unfit(inner, space, len(searched.objectives))
        if reason:
            where = "name" if inner == name else "options.sampler"
            yield Problem(f"backend.sampler.{where}", f"{reason} Choose another sampler.")
    if name != PARTIAL_FIXED:
        if backend.fixed:
            message = "Values are fixed, which only the sampler partially fixed reads: choose it, or take them out."
            yield Problem("backend.fixed", message)
        return
    if not backend.fixed:
        yield Problem("backend.fixed", "Give at least one parameter a fixed value, or choose another sampler.")
    if space is None:
        return
    rows = {row.name: row for row in space.parameters}
    for parameter, value in backend.fixed.items():
        path = f"backend.fixed.{parameter}"
        if parameter not in rows:
            yield Problem(path, f"{parameter} is fixed for the sampler but is no row of the space.")
            continue
        reason = outside(rows[parameter], value)
        if reason:
            yield Problem(path, reason)
    if rows and set(rows) <= set(backend.fixed):
        yield Problem("backend.fixed", "Every parameter is fixed, so all trials would be the same: leave one open.")


def outside(row: FloatParameter | IntParameter | CategoricalParameter, value: Scalar) -> str | None:
    """Why `value` is none that the row can have, or None."""
    if isinstance(row, CategoricalParameter):
        if any(type(choice) is type(value) and choice == value for choice in row.choices):
            return None
        return f"{row.name} has the choices {', '.join(map(str, row.choices))}: fix it at one of them."
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{row.name} must be a number."
    if isinstance(row, IntParameter) and not isinstance(value, int):
        return f"{row.name} must be a whole number."
    if not row.low <= value <= row.high:
        return f"{row.name} lies between {row.low:g} and {row.high:g}: fix it at a value in there."
    if row.step is not None:
        steps = (value - row.low) / row.step
        if abs(steps - round(steps)) > 1e-8 * max(1.0, abs(steps)):
            return f"{row.name} goes from {row.low:g} in steps of {row.step:g}: fix it at one of these values."
    return None


def _pruner(backend: OptunaBackend, searched: Searched) -> list[Problem]:
    pruner = backend.pruner
    problems = check_choice("backend.pruner", "pruner", pruner, {kind.name: kind.options for kind in PRUNERS.values()})
    if pruner.name == NO_PRUNER or problems:
        return problems
    if searched.several:
        message = (
            "With several objectives no trial can be pruned, as Optuna has it: choose no pruner, or one objective."
        )
        return [Problem("backend.pruner.name", message)]
    problems += needs_evaluations("The pruner", "no pruner", searched)
    if pruner.name == "threshold" and not {"lower", "upper"} & {
        name for name, value in pruner.options.items() if value is not None
    }:
        message = "A threshold needs a bound: give lower, upper or both."
        problems.append(Problem("backend.pruner.options.lower", message))
    if pruner.name == "patient" and pruner.options.get("pruner") == "threshold":
        message = "The threshold pruner inside has no bounds to compare with: choose another one."
        problems.append(Problem("backend.pruner.options.pruner", message))
    problems += _order(backend)
    startup = filled(f"pruner {pruner.name}", PRUNERS[pruner.name].options, pruner.options).get("n_startup_trials")
    n_trials = searched.n_trials
    if isinstance(startup, int) and n_trials is not None and startup >= n_trials and not errors_of(problems):
        message = f"Nothing will be pruned: the first {startup} trials never are, and there are {n_trials}."
        problems.append(Problem("backend.pruner.options.n_startup_trials", message, warning=True))
    return problems


def _order(backend: OptunaBackend) -> Iterator[Problem]:
    """Bounds that exclude each other."""
    options = backend.pruner.options
    for low, high in (("lower", "upper"), ("min_resource", "max_resource")):
        below, above = options.get(low), options.get(high)
        if isinstance(below, int | float) and isinstance(above, int | float) and below > above:
            yield Problem(f"backend.pruner.options.{low}", f"{low} {below:g} is above {high} {above:g}.")


def _terminator(backend: OptunaBackend, searched: Searched) -> list[Problem]:
    terminator = backend.terminator
    if terminator is None:
        return []
    problems = check_choice(
        "backend.terminator",
        "terminator",
        terminator,
        {kind.name: kind.options for kind in TERMINATORS.values()},
    )
    if problems:
        return problems
    if searched.several:
        message = "With several objectives it can't be told whether improvement has converged: take the terminator out."
        return [Problem("backend.terminator.name", message)]
    kind = TERMINATORS[terminator.name]
    least = filled(f"terminator {kind.name}", kind.options, terminator.options).get("min_n_trials")
    if isinstance(least, int) and searched.n_trials is not None and least >= searched.n_trials:
        message = f"It never ends the sweep: it is asked after {least} trials, and there are {searched.n_trials}."
        problems.append(Problem("backend.terminator.options.min_n_trials", message, warning=True))
    return problems
