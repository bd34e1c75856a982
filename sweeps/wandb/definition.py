"""A search space as W&B's parameters, for a sweep that runners train."""

from typing import Any

from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from runners.protocol.spec import SweepSpec


def configuration_of(spec: SweepSpec) -> dict[str, Any]:
    """The sweep configuration that the spec stands for."""
    backend, objective = spec.backend, spec.objectives[0]
    return {
        "method": getattr(backend, "method", "random"),
        "metric": {"name": objective.metric.replace("eval_", "eval/", 1), "goal": objective.direction},
        "parameters": {row.name: _parameter(row) for row in spec.space.parameters},
    }


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
        case IntParameter(step=1, log=False):
            return {"distribution": "int_uniform", "min": row.low, "max": row.high}
        case IntParameter(log=True):
            return {"distribution": "q_log_uniform_values", "min": row.low, "max": row.high, "q": 1}
        case IntParameter():
            return {"values": list(range(row.low, row.high + 1, row.step))}
