"""Objectives as the `compute_objective` and `direction` of a call."""

from runners.protocol.objective import TRANSFORMERS_DEFAULT, WEIGHTED_SUM, Objective


def compute_objective(objectives: tuple[Objective, ...]) -> str:
    """The keyword's value: transformers' own function, or a lambda."""
    if len(objectives) == 1 and objectives[0].metric == TRANSFORMERS_DEFAULT:
        return "default_compute_objective"
    values = [_value(objective) for objective in objectives]
    return f"lambda metrics: {values[0] if len(values) == 1 else '[' + ', '.join(values) + ']'}"


def direction(objectives: tuple[Objective, ...]) -> str:
    """The keyword's value: a word, or a list of them."""
    words: list[str] = [objective.direction for objective in objectives]
    return repr(words[0] if len(words) == 1 else words)


def notes(objectives: tuple[Objective, ...]) -> list[str]:
    """What the call does not show."""
    best = [objective.metric for objective in objectives if objective.over == "best"]
    return [f"# Of a trial's evaluations the best value of {', '.join(best)} counts, not the last."] if best else []


def _value(objective: Objective) -> str:
    if objective.metric == WEIGHTED_SUM:
        return " + ".join(f"{weight!r} * metrics[{metric!r}]" for metric, weight in objective.weights.items())
    if objective.metric == TRANSFORMERS_DEFAULT:
        return "default_compute_objective(metrics)"
    return f"metrics[{objective.metric!r}]"
