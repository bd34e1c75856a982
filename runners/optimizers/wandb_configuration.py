"""A search space as a W&B sweep configuration. wandb is not imported.

Where W&B's own distribution would reach beyond a row's bounds or miss its step, the values are listed instead.
"""

from typing import Any, Final

from runners.optimizers.wandb_choices import NO_EARLY, early_options
from runners.protocol.backends import WandbBackend
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

EVAL: Final = "eval_"


def wandb_configuration(space: SearchSpace, backend: WandbBackend, objective: Objective) -> dict[str, Any]:
    """What `wandb.sweep` takes."""
    found: dict[str, Any] = {
        "method": backend.method,
        "metric": {"name": wandb_metric(objective), "goal": objective.direction},
        "parameters": {row.name: wandb_parameter(row, grid=backend.method == "grid") for row in space.parameters},
    }
    if backend.early_terminate.name != NO_EARLY:
        options = {name: value for name, value in early_options(backend.early_terminate).items() if value is not None}
        found["early_terminate"] = {"type": backend.early_terminate.name, **options}
    return found


def wandb_metric(objective: Objective) -> str:
    """The metric as transformers logs it to W&B: `eval_loss` is `eval/loss` there."""
    name: str = objective.metric
    return f"eval/{name.removeprefix(EVAL)}" if name.startswith(EVAL) else name


def wandb_parameter(row: FloatParameter | IntParameter | CategoricalParameter, *, grid: bool = False) -> dict[str, Any]:
    """The row's entry of `parameters`. `grid`: as W&B's grid takes it, which knows whole numbers and lists only."""
    match row:
        case CategoricalParameter():
            return {"values": list(row.choices)}
        case FloatParameter() | IntParameter() if row.low == row.high:
            return {"value": row.low}
        case FloatParameter(step=float(step)):
            count = round((row.high - row.low) / step) + 1
            # 3 × 0.1 is a little more than 0.3.
            return {"values": [min(row.high, row.low + place * step) for place in range(count)]}
        case FloatParameter(log=True):
            return {"distribution": "log_uniform_values", "min": row.low, "max": row.high}
        case FloatParameter():
            return {"distribution": "uniform", "min": row.low, "max": row.high}
        case IntParameter(log=True) if not grid:
            return {"distribution": "q_log_uniform_values", "min": row.low, "max": row.high, "q": 1}
        case IntParameter(step=1):
            return {"distribution": "int_uniform", "min": row.low, "max": row.high}
        case IntParameter():
            return {"values": list(range(row.low, row.high + 1, row.step))}
