"""Backends by the name in the spec."""

from collections.abc import Callable
from typing import Final

from runners.process.search.backend import Backend, Setting
from runners.process.search.optuna import OptunaSearch
from runners.process.search.wandb import WandbSearch


def _ray(setting: Setting) -> Backend:
    # Importing Ray takes a second, which other searches need not wait for.
    from runners.process.search.ray.backend import RaySearch

    return RaySearch(setting)


BACKENDS: Final[dict[str, Callable[[Setting], Backend]]] = {
    "optuna": OptunaSearch,
    "ray": _ray,
    "wandb": WandbSearch,
}


def make_backend(setting: Setting) -> Backend:
    """The backend of the setting's spec."""
    return BACKENDS[setting.claimed.spec.backend.name](setting)
