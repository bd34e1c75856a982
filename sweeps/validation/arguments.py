"""Fixed training arguments and data settings: known, typed, and not at odds with what is searched."""

from collections.abc import Mapping
from typing import Final

from runners.protocol.base import Scalar
from runners.protocol.catalogue import Task
from runners.protocol.space import SearchSpace
from runners.protocol.spec import FieldValue
from sweeps.validation.known import argument
from sweeps.validation.problems import Problem
from sweeps.validation.values import typed

BASE: Final[dict[str, FieldValue]] = {"eval_strategy": "no", "max_steps": -1}
"""The defaults that the checks below look at."""


def typed_arguments(given: Mapping[str, FieldValue]) -> tuple[dict[str, FieldValue], list[Problem]]:
    """The good ones, typed and by name, and what is wrong with the others (`arguments.<name>`)."""
    good: dict[str, FieldValue] = {}
    problems = []
    for name, value in sorted(given.items()):
        if name == "seed":
            problems.append(Problem("arguments.seed", "The sweep has a seed of its own: set that one."))
            continue
        try:
            good[name] = typed(argument(name), value)
        except ValueError as error:
            problems.append(Problem(f"arguments.{name}", str(error)))
    return good, problems


def typed_settings(task: Task, given: Mapping[str, Scalar]) -> tuple[dict[str, Scalar], list[Problem]]:
    """As `typed_arguments`, for the task's data settings (`data_settings.<name>`)."""
    good: dict[str, Scalar] = {}
    problems = []
    for name, value in sorted(given.items()):
        field = task.by_name.get(name)
        path = f"data_settings.{name}"
        if field is None:
            offered = ", ".join(task.by_name)
            problems.append(Problem(path, f"{task.label} has no data setting {name}. Its settings: {offered}."))
            continue
        try:
            fitting = typed(field, value)
        except ValueError as error:
            problems.append(Problem(path, str(error)))
            continue
        assert not isinstance(fitting, list | dict)  # no data setting is a list
        good[name] = fitting
    return good, problems


def check_together(
    arguments: Mapping[str, FieldValue], settings: Mapping[str, Scalar], space: SearchSpace | None
) -> list[Problem]:
    """What is fixed against what is searched, and arguments against each other."""
    searched = {row.name for row in (*space.parameters, *space.derived)} if space else set()
    problems = [
        Problem(
            f"arguments.{name}",
            f"{name} is searched by the space, so it can't be fixed too: clear it here, or take its row out of the space.",
        )
        for name in sorted(searched & set(arguments))
    ]
    problems += [
        Problem(
            f"data_settings.{name}",
            f"data.{name} is searched by the space, so it can't be fixed too: clear it here, or take its row out of the space.",
        )
        for name in sorted(settings)
        if f"data.{name}" in searched
    ]
    return [*problems, *_length(arguments, searched), *_evaluation(arguments)]


def _length(arguments: Mapping[str, FieldValue], searched: set[str]) -> list[Problem]:
    steps = arguments.get("max_steps", -1)
    if not isinstance(steps, int) or steps <= 0:
        if steps == 0 or ("num_train_epochs" not in searched and arguments.get("num_train_epochs") == 0):
            path = "arguments.max_steps" if steps == 0 else "arguments.num_train_epochs"
            return [Problem(path, "Nothing would be trained with 0. Give 1 or more, or leave it empty.")]
        return []
    if "num_train_epochs" in searched:
        message = "A positive max_steps overrides num_train_epochs, which the space searches: clear max_steps, or take num_train_epochs out of the space."
        return [Problem("arguments.max_steps", message)]
    if "num_train_epochs" in arguments:
        message = f"max_steps {steps} decides; num_train_epochs has no effect beside it."
        return [Problem("arguments.num_train_epochs", message, warning=True)]
    return []


def _evaluation(arguments: Mapping[str, FieldValue]) -> list[Problem]:
    problems = []
    if (
        arguments.get("eval_strategy") == "steps"
        and arguments.get("eval_steps") is None
        and arguments.get("logging_steps") is None
    ):
        message = (
            "Without eval_steps there is an evaluation every 500 steps. Give eval_steps if your trials are shorter."
        )
        problems.append(Problem("arguments.eval_steps", message, warning=True))
    for name in ("eval_steps", "logging_steps", "save_steps"):
        every = arguments.get(name)
        if isinstance(every, int | float) and every > 1 and every != int(every):
            problems.append(Problem(f"arguments.{name}", f"{name} above 1 must be a whole number of steps."))
        elif every == 0 and arguments.get(name.replace("_steps", "_strategy")) == "steps":
            problems.append(Problem(f"arguments.{name}", f"{name} must be above 0 for the strategy steps."))
    if arguments.get("bf16") is True and arguments.get("fp16") is True:
        problems.append(Problem("arguments.fp16", "Choose one of bf16 and fp16."))
    return problems
