"""The sweep that a child's agent joins."""

from typing import Any

from runners.optimizers.wandb_configuration import wandb_configuration
from runners.process.durable import write_durably
from runners.process.search.backend import Setting
from runners.process.search.wandb_client import OWN
from runners.process.training.prepare import locked
from runners.protocol.backends import WandbBackend
from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec


def configuration(spec: SweepSpec) -> dict[str, Any]:
    """The sweep configuration in W&B's form."""
    assert isinstance(spec.backend, WandbBackend)
    return wandb_configuration(spec.space, spec.backend, spec.objectives[0])


def sweep_for(setting: Setting, permit: Permit) -> str:
    """Its id: hpweb's own endpoint knows a permit by name; on W&B there is one sweep, made by the first that needs it."""
    spec = setting.claimed.spec
    assert isinstance(spec.backend, WandbBackend)
    if spec.backend.server == OWN:
        return f"{setting.claimed.job}-{permit.number}-{permit.attempt}"
    known = spec.backend.sweep_id or setting.claimed.wandb_sweep
    if known:
        return known
    kept = setting.folder.path / "wandb-sweep"
    with locked(kept.with_suffix(".lock")):
        if kept.exists():
            return kept.read_text()
        import wandb

        made: str = wandb.sweep(
            {**configuration(spec), **({"name": spec.backend.sweep_name} if spec.backend.sweep_name else {})},
            project=spec.backend.project or "hpweb",
            entity=spec.backend.entity,
        )
        write_durably(kept, made.encode())
        setting.reporter.emit("sweep_named", sync=True, service="wandb", id=made)
        return made
