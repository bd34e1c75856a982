"""The services by name, and what each needs of a runner and of a team."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from runners.process.mirror.service import Service, Sweep
from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.spec import Reporting


@dataclass(frozen=True)
class Kind:
    """`module`: what must be importable; `package`: what installs it; `needs`: environment variables without which it can't be."""

    module: str
    package: str
    needs: tuple[str, ...] = ()


KINDS: Final[Mapping[Reporting, Kind]] = {
    "wandb": Kind("wandb", "wandb", ("WANDB_API_KEY",)),
    "mlflow": Kind("mlflow", "mlflow-skinny", ("MLFLOW_TRACKING_URI",)),
    "tensorboard": Kind("tensorboardX", "tensorboardX"),
    "trackio": Kind("trackio", "trackio"),
}


def lacking(name: Reporting) -> str | None:
    """A sentence where this runner cannot mirror to the service; None where it can."""
    kind, label = KINDS[name], MIRROR_LABELS[name]
    if find_spec(kind.module) is not None:
        return None
    return f"This runner lacks the package {kind.package}, so it cannot mirror trials to {label}. Install it there, or take {label} out."


def unset(name: Reporting, given: Iterable[str]) -> str | None:
    """A sentence where the team's settings lack something."""
    missing = [variable for variable in KINDS[name].needs if variable not in set(given)]
    if not missing:
        return None
    return f"{' and '.join(missing)} cannot be read. An owner or admin enters it again on the page Connections."


def where(name: Reporting, folder: Path, given: Iterable[str]) -> str | None:
    """A sentence on how people see what a service keeps below `folder` on the runner itself; None for one elsewhere."""
    if name == "tensorboard":
        return f"TensorBoard shows this sweep's trials on this runner: tensorboard --logdir {folder}/tensorboard"
    if name == "trackio" and not {"TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"} & set(given):
        return f"Trackio shows this sweep's trials on this runner: TRACKIO_DIR={folder}/trackio trackio show"
    return None


def make_service(name: Reporting, sweep: Sweep) -> Service:
    """Import the service's client and make it. Raises whatever the client does."""
    module: Any = import_module(f"runners.process.mirror.services.{name}")
    made: Service = module.make(sweep)
    return made
