"""Specs and waiting, shared by the runner's tests."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from runners.protocol.spec import SweepSpec

Value = TypeVar("Value")


def spec(
    data: dict[str, Any] | None = None, processor: dict[str, Any] | None = None, children: int = 1, **fake: Any
) -> SweepSpec:
    """A spec whose children are fake; keywords are the fake child's settings."""
    return SweepSpec.model_validate(
        {
            "task": "text-classification",
            "model": {"source": "hub", "id": "none"},
            "processor": processor or {"source": "model"},
            "data": data or {"source": "hub", "id": "none"},
            "space": {"parameters": [{"type": "float", "name": "learning_rate", "low": 0.001, "high": 1.0}]},
            "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
            "budget": {"n_trials": 3},
            "arguments": {f"fake_{name}": value for name, value in fake.items()},
            "children": children,
        }
    )


def wait_for(condition: Callable[[], Value], seconds: float = 10.0, what: str = "") -> Value:
    """Poll until `condition()` is true; returns its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.01)
    return value
