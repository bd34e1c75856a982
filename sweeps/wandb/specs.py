"""What the endpoint must know of a sweep, whether a runner or a script trains it."""

from typing import Any

from runners.protocol.backends import WandbBackend
from runners.protocol.script import ScriptSpec, is_script
from runners.protocol.spec import SweepSpec
from sweeps.models import Sweep


def spec_of(sweep: Sweep) -> SweepSpec | ScriptSpec:
    """The sweep's frozen spec."""
    return ScriptSpec.model_validate(sweep.spec) if is_script(sweep.spec) else SweepSpec.model_validate(sweep.spec)


def backend_of(sweep: Sweep) -> WandbBackend:
    """The sweep's backend. TypeError for a sweep that is not W&B's to search."""
    backend = spec_of(sweep).backend
    if not isinstance(backend, WandbBackend):
        raise TypeError(f"the backend is {backend.name}, not wandb.")
    return backend


def direction_of(sweep: Sweep) -> str:
    """minimize or maximize."""
    return str(_objective(sweep)["direction"])


def metric_of(sweep: Sweep) -> str:
    """The metric as the sweep's own client names it."""
    return str(_objective(sweep)["metric"])


def _objective(sweep: Sweep) -> dict[str, Any]:
    objective: dict[str, Any] = (sweep.spec or {})["objectives"][0]
    return objective
