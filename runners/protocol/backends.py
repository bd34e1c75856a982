"""Who proposes parameters: the values of `hyperparameter_search(backend=)` and what each may be told.

Names of samplers, pruners, search algorithms and schedulers, and their options, are tables in `runners.optimizers`.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, StringConstraints

from runners.protocol.base import Message, Scalar
from runners.protocol.space import ParameterName


class NamedChoice(Message):
    """One of a table's entries by name, with the options that differ from its defaults."""

    name: str
    options: dict[str, Scalar] = {}


class OptunaBackend(Message):
    """`terminator`: stop the sweep when improvement has converged; None trains the whole budget.

    `fixed`: values of the sampler "partial_fixed", by parameter; the sampler's own options name the sampler inside it.
    """

    name: Literal["optuna"] = "optuna"
    sampler: NamedChoice = NamedChoice(name="tpe")
    pruner: NamedChoice = NamedChoice(name="none")
    terminator: NamedChoice | None = None
    fixed: dict[ParameterName, Scalar] = {}


class RayBackend(Message):
    """`cpus`, `gpus`: resources of each trial. Concurrency is the spec's `children`.

    `mutations`: the parameters that population-based training may change while a trial trains (scheduler "pbt").
    `address`: an existing cluster; None starts a local one for the job and stops it with the job.
    """

    name: Literal["ray"] = "ray"
    search: NamedChoice = NamedChoice(name="random")
    scheduler: NamedChoice = NamedChoice(name="none")
    cpus: PositiveFloat = 1.0
    gpus: NonNegativeFloat = 0.0
    mutations: tuple[ParameterName, ...] = ()
    address: Annotated[str, StringConstraints(max_length=500)] | None = None


WandbName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", max_length=128)]


class WandbBackend(Message):
    """`server`: "hpweb" is the server's own W&B-compatible endpoint, which proposes the parameters itself; "wandb" is the
    one that the secrets `WANDB_BASE_URL` and `WANDB_API_KEY` name.

    `early_terminate`: "none" or "hyperband". `sweep_id` joins a sweep that exists there.
    """

    name: Literal["wandb"] = "wandb"
    server: Literal["hpweb", "wandb"] = "hpweb"
    method: Literal["random", "grid", "bayes"] = "random"
    early_terminate: NamedChoice = NamedChoice(name="none")
    project: WandbName | None = None
    entity: WandbName | None = None
    sweep_name: Annotated[str, StringConstraints(max_length=128)] | None = None
    sweep_id: WandbName | None = None


AnyBackend = OptunaBackend | RayBackend | WandbBackend


def _named(value: object) -> object:
    """Optuna where no backend is named."""
    return {"name": "optuna", **value} if isinstance(value, dict) else value


BackendChoice = Annotated[Annotated[AnyBackend, Field(discriminator="name")], BeforeValidator(_named)]


def optuna_of(backend: AnyBackend) -> OptunaBackend:
    """The backend where it can only be Optuna. Raises TypeError for another one."""
    if not isinstance(backend, OptunaBackend):
        raise TypeError(f"the backend is {backend.name}, not optuna.")
    return backend
