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
        "parameters": {row.name: _parameter(row) for row in space.parameters},
    }
    if backend.early_terminate.name != NO_EARLY:
        options = {name: value for name, value in early_options(backend.early_terminate).items() if value is not None}
        found["early_terminate"] = {"type": backend.early_terminate.name, **options}
    return found


def wandb_metric(objective: Objective) -> str:
    """The metric as transformers logs it to W&B: `eval_loss` is `eval/loss` there."""
    name: str = objective.metric
    return f"eval/{name.removeprefix(EVAL)}" if name.startswith(EVAL) else name


def _parameter(row: FloatParameter | IntParameter | CategoricalParameter) -> dict[str, Any]:
    match row:
        case CategoricalParameter():
            return {"values": list(row.choices)}
        case FloatParameter(step=float(step)):
            count = round((row.high - row.low) / step) + 1
            return {"values": [row.low + place * step for place in range(count)]}
        case FloatParameter(log=True):
            return {"distribution": "log_uniform_values", "min": row.low, "max": row.high}
        case FloatParameter():
            return {"distribution": "uniform", "min": row.low, "max": row.high}
        case IntParameter(log=True):
            return {"distribution": "q_log_uniform_values", "min": row.low, "max": row.high, "q": 1}
        case IntParameter(step=1):
            return {"distribution": "int_uniform", "min": row.low, "max": row.high}
        case IntParameter():
            return {"values": list(range(row.low, row.high + 1, row.step))}
