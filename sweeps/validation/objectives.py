"""What a sweep optimises: metrics that the task computes, sums of them, and transformers' default."""

from collections.abc import Iterator
from typing import Final

from runners.protocol.catalogue import MetricInfo, catalogue
from runners.protocol.objective import TRANSFORMERS_DEFAULT, WEIGHTED_SUM, Objective
from sweeps.validation.problems import Problem

MAX_OBJECTIVES: Final = 4
LOSS: Final = "eval_loss"


def metrics_of(task: str) -> tuple[MetricInfo, ...]:
    """What the task computes; every task's metrics when it is not decided."""
    entry = catalogue().task(task)
    if entry is not None:
        return entry.metrics
    found = {metric.name: metric for known in catalogue().tasks for metric in known.metrics}
    return tuple(found.values())


def own_direction(task: str, metric: str) -> str:
    """Which direction is better for a metric, where that can be told; "maximize" for a sum of metrics."""
    metrics = metrics_of(task)
    if metric == TRANSFORMERS_DEFAULT:
        return "minimize" if [entry.name for entry in metrics] == [LOSS] else "maximize"
    found = next((entry for entry in metrics if entry.name == metric), None)
    return found.direction if found else "maximize"


def default_meaning(task: str) -> str:
    """What `transformers_default` is for this task, in a sentence."""
    others = [entry.name for entry in metrics_of(task) if entry.name != LOSS]
    if not others:
        return "Nothing but the loss is measured, so it is eval_loss."
    if not catalogue().task(task):
        return "The sum of all metrics without eval_loss; eval_loss where nothing else is measured."
    lower = [entry.name for entry in metrics_of(task) if entry.name in others and entry.direction == "minimize"]
    mixed = f" In that sum {', '.join(lower)} would be better when smaller: rather choose one metric." if lower else ""
    return f"The sum {' + '.join(others)}. transformers would minimize it unless told otherwise; here it is maximized.{mixed}"


def check_objectives(task: str, objectives: tuple[Objective, ...]) -> list[Problem]:
    """Each is computed by the task, and none is there twice."""
    if not objectives:
        return [Problem("objectives", "Choose what to optimise: a metric and a direction.")]
    if len(objectives) > MAX_OBJECTIVES:
        return [Problem("objectives", f"The most is {MAX_OBJECTIVES} objectives: take some out.")]
    problems = [problem for place, objective in enumerate(objectives) for problem in _check(task, place, objective)]
    seen: dict[str, int] = {}
    for place, objective in enumerate(objectives):
        if objective.metric in seen:
            message = f"{objective.metric} is objective {seen[objective.metric] + 1} already: take one of the two out."
            problems.append(Problem(f"objectives.{place}.metric", message))
        seen.setdefault(objective.metric, place)
    return problems


def _check(task: str, place: int, objective: Objective) -> Iterator[Problem]:
    path = f"objectives.{place}"
    if objective.metric == WEIGHTED_SUM:
        known = [entry.name for entry in metrics_of(task)]
        for name, weight in objective.weights.items():
            if name not in known:
                yield Problem(f"{path}.weights.{name}", f"{name} is not computed here. Metrics: {', '.join(known)}.")
            elif not abs(weight) <= 1e9:  # nor not a number
                yield Problem(f"{path}.weights.{name}", f"The weight of {name} must lie between -1e9 and 1e9.")
        if not any(objective.weights.values()):
            yield Problem(f"{path}.weights", "Every weight is 0: give at least one metric another weight.")
        return
    if objective.metric == TRANSFORMERS_DEFAULT:
        return
    metric = next((entry for entry in metrics_of(task) if entry.name == objective.metric), None)
    if metric is None:
        names = ", ".join(entry.name for entry in metrics_of(task))
        yield Problem(f"{path}.metric", f"{objective.metric} is not computed here. Metrics: {names}.")
    elif metric.direction != objective.direction:
        # Someone may want the worst model.
        better = "smaller" if metric.direction == "minimize" else "larger"
        message = (
            f"{metric.label} is better when it is {better}; to {objective.direction} it looks for the worst model."
        )
        yield Problem(f"{path}.direction", message, warning=True)
