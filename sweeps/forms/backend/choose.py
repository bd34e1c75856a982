"""The backends by name, in the order of the form."""

from typing import Final

from sweeps.forms.backend.base import BackendFields
from sweeps.forms.backend.optuna import OptunaFields
from sweeps.forms.backend.ray import RayFields
from sweeps.forms.backend.wandb import WandbFields

BACKENDS: Final[dict[str, BackendFields]] = {
    backend.name: backend for backend in (OptunaFields(), RayFields(), WandbFields())
}


def backend_of(name: str) -> BackendFields:
    """The backend by its name; Optuna's for one that is unknown, so that there is a form to refuse it in."""
    return BACKENDS.get(name, BACKENDS["optuna"])
