"""Objectives, sampler and pruner: known names, known options, and what they need."""

from collections.abc import Mapping

from runners.optimizers.options import Option, filled
from runners.optimizers.pruners import NO_PRUNER, PRUNERS
from runners.optimizers.samplers import SAMPLERS
from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.catalogue import MetricInfo, catalogue
from runners.protocol.objective import Objective
from sweeps.validation.problems import Problem


def metrics_of(task: str) -> tuple[MetricInfo, ...]:
    """What the task computes; every task's metrics when it is not decided."""
    entry = catalogue().task(task)
    if entry is not None:
        return entry.metrics
    found = {metric.name: metric for known in catalogue().tasks for metric in known.metrics}
    return tuple(found.values())


def check_objectives(task: str, objectives: tuple[Objective, ...]) -> list[Problem]:
    """One objective that the task computes. The unusual direction is a warning: someone may want the worst model."""
    if not objectives:
        return [Problem("objectives", "Choose what to optimise: a metric and a direction.")]
    if len(objectives) > 1:
        return [Problem("objectives", "One objective is what a sweep can optimise so far: take the others out.")]
    objective = objectives[0]
    metric = next((entry for entry in metrics_of(task) if entry.name == objective.metric), None)
    if metric is None:
        names = ", ".join(entry.name for entry in metrics_of(task))
        return [Problem("objectives.0.metric", f"{objective.metric} is not computed here. Metrics: {names}.")]
    if metric.direction != objective.direction:
        better = "smaller" if metric.direction == "minimize" else "larger"
        message = (
            f"{metric.label} is better when it is {better}; to {objective.direction} it looks for the worst model."
        )
        return [Problem("objectives.0.direction", message, warning=True)]
    return []


def check_backend(backend: OptunaBackend, *, eval_strategy: object, n_trials: int | None) -> list[Problem]:
    """Sampler and pruner by name, with their options. A pruner needs evaluations while a trial trains."""
    problems = [
        *_choice("sampler", backend.sampler, {kind.name: kind.options for kind in SAMPLERS.values()}),
        *_choice("pruner", backend.pruner, {kind.name: kind.options for kind in PRUNERS.values()}),
    ]
    pruner = backend.pruner
    if pruner.name == NO_PRUNER or problems:
        return problems
    if eval_strategy in (None, "no"):
        message = "The pruner compares evaluations, and there are none while a trial trains: set eval_strategy to epoch or steps, or choose no pruner."
        problems.append(Problem("arguments.eval_strategy", message))
    startup = filled(f"pruner {pruner.name}", PRUNERS[pruner.name].options, pruner.options).get("n_startup_trials")
    if isinstance(startup, int) and n_trials is not None and startup >= n_trials:
        message = f"Nothing will be pruned: the first {startup} trials never are, and there are {n_trials}."
        problems.append(Problem("backend.pruner.options.n_startup_trials", message, warning=True))
    return problems


def _choice(role: str, choice: NamedChoice, kinds: Mapping[str, tuple[Option, ...]]) -> list[Problem]:
    options = kinds.get(choice.name)
    if options is None:
        message = f"{choice.name!r} is no {role}. Choose one of: {', '.join(kinds)}."
        return [Problem(f"backend.{role}.name", message)]
    known = {option.name: option for option in options}
    problems = []
    for name, value in choice.options.items():
        try:
            check_option(role, choice.name, known, name, value)
        except ValueError as error:
            problems.append(Problem(f"backend.{role}.options.{name}", str(error)))
    return problems


def check_option(role: str, kind: str, known: Mapping[str, Option], name: str, value: Scalar) -> Scalar:
    """The option's value, typed. Raises ValueError with a sentence that names the option."""
    if isinstance(value, int) and abs(value) >= 2**31:
        raise ValueError(f"{name} is too large a number.")
    options = [known[name]] if name in known else list(known.values())
    return filled(f"{role} {kind}", options, {name: value})[name]
