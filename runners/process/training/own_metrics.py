"""Metrics that other packages add to a task (see docs/extending.md)."""

import math
from collections.abc import Callable
from typing import Any, Final

from runners.process.training.refusal import InvalidSpec, first_line
from runners.protocol.catalogue.additions import added_metrics, entry_point

GROUP: Final = "hpweb.metrics"

Compute = Callable[[Any], dict[str, float]]


def with_own_metrics(task: str, compute: Compute) -> Compute:
    """`compute`, and what other packages measure for the task. Raises `InvalidSpec` for a package that lacks its function."""
    promised: dict[str, list[str]] = {}
    for added in added_metrics():
        if task in added.tasks:
            promised.setdefault(added.function, []).append(added.metric.name.removeprefix("eval_"))
    if not promised:
        return compute
    functions = {name: _function(name) for name in promised}

    def together(prediction: Any) -> dict[str, float]:
        metrics = dict(compute(prediction))
        for name, function in functions.items():
            given = function(prediction.predictions, prediction.label_ids)
            for metric in promised[name]:
                if metric not in given:
                    raise KeyError(f"The metric function {name} gives no {metric}; it gives {', '.join(given)}.")
                value = float(given[metric])
                metrics[metric] = value if math.isfinite(value) else math.nan
        return metrics

    return together


def _function(name: str) -> Callable[[Any, Any], dict[str, float]]:
    entry = entry_point(GROUP, name)
    if entry is None:
        raise InvalidSpec(
            "objectives", f"This runner has no metric function {name}. Install its package beside the runner."
        )
    try:
        function: Callable[[Any, Any], dict[str, float]] = entry.load()
    except Exception as error:  # whatever another package may raise
        raise InvalidSpec(
            "objectives", f"The metric function {name} could not be loaded: {first_line(error)}"
        ) from error
    return function
