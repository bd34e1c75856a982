"""Backends by the name in the spec."""

from typing import Final

from runners.process.search.backend import Backend, Setting
from runners.process.search.optuna import OptunaSearch
from runners.process.search.ray.backend import RaySearch
from runners.process.search.wandb import WandbSearch

BACKENDS: Final[dict[str, type[Backend]]] = {"optuna": OptunaSearch, "ray": RaySearch, "wandb": WandbSearch}


def make_backend(setting: Setting) -> Backend:
    """The backend of the setting's spec."""
    return BACKENDS[setting.claimed.spec.backend.name](setting)
