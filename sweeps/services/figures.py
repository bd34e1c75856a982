"""Metric values: which is better, and how they are stored."""

import math
from functools import lru_cache
from typing import Any, Final

from runners.protocol.base import write_number
from runners.protocol.catalogue import catalogue

Figure = float | str

_SPECIAL: Final = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def stored(value: float) -> Figure:
    """A number for JSON: "nan", "inf" and "-inf" where it is not finite."""
    return write_number(value)


def number_of(value: Figure) -> float:
    """The number that was stored."""
    return _SPECIAL[value] if isinstance(value, str) else float(value)


def finite(value: Figure) -> float | None:
    """The number when it is finite, else None."""
    return None if isinstance(value, str) else float(value)


def is_better(value: float, than: float | None, direction: str) -> bool:
    """Whether `value` beats `than` (None: nothing yet). NaN and infinity never do, equal values don't either."""
    if not math.isfinite(value):
        return False
    if than is None or not math.isfinite(than):
        return True
    return value < than if direction == "minimize" else value > than


class Directions:
    """What is better, metric by metric: the objectives by their own direction, others by what they are.

    A metric without a better end (a learning rate, a run time) has no direction and so no best.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self._own = {objective["metric"]: str(objective["direction"]) for objective in spec.get("objectives", ())}
        self._task = str(spec.get("task", ""))

    def of(self, metric: str) -> str | None:
        """ "minimize", "maximize" or None."""
        return self._own.get(metric) or _known(self._task, metric)


@lru_cache(maxsize=1024)
def _known(task: str, metric: str) -> str | None:
    entry = catalogue().task(task)
    named = {info.name: str(info.direction) for info in entry.metrics} if entry else {}
    if metric in named:
        return named[metric]
    plain = metric.removeprefix("eval_").removeprefix("train_")
    if plain == "loss" or plain.endswith("_loss"):
        return "minimize"
    return "maximize" if plain == "accuracy" or plain.startswith("f1") else None
