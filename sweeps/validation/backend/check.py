"""Any backend: its own rules, and how many different trials it can make."""

from typing import Final

from runners.protocol.backends import AnyBackend, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.space import SearchSpace
from sweeps.validation.backend.optuna import check_optuna
from sweeps.validation.backend.ray import check_ray
from sweeps.validation.backend.searched import Searched
from sweeps.validation.backend.wandb import check_wandb
from sweeps.validation.problems import Problem

EXHAUSTIVE: Final = frozenset({"grid", "brute_force"})


def check_backend(backend: AnyBackend, searched: Searched) -> list[Problem]:
    """Everything that is wrong or odd about the backend in this sweep."""
    match backend:
        case OptunaBackend():
            return check_optuna(backend, searched)
        case RayBackend():
            return check_ray(backend, searched)
        case WandbBackend():
            return check_wandb(backend, searched)


def proposes_by(backend: AnyBackend) -> str:
    """The name of what draws the parameters."""
    match backend:
        case OptunaBackend():
            return backend.sampler.name
        case RayBackend():
            return backend.search.name
        case WandbBackend():
            return backend.method


def most_trials(backend: AnyBackend, space: SearchSpace) -> int | None:
    """Where every combination comes once: how many there are. None where trials may go on for ever."""
    return space.combinations() if proposes_by(backend) in EXHAUSTIVE else None
