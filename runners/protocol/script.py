"""The specification of a sweep whose trials a person's own script trains: hpweb proposes and keeps the record.

No runner ever gets one. It is stored where a `SweepSpec` is, and told from it by `source`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from runners.protocol.backends import BackendChoice
from runners.protocol.base import Message
from runners.protocol.space import SearchSpace
from runners.protocol.spec import Budget, Seed

MetricText = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ScriptObjective(Message):
    """A metric as the script names it, and which direction is better."""

    metric: MetricText
    direction: Literal["minimize", "maximize"]
    over: Literal["last", "best"] = "last"


class ScriptSpec(Message):
    """`client`: whose library the script uses. `definition`: what it asked for, as it came. `names`: its parameters.

    `space`: the same as a search space, where one was made of it. `open_ended`: the client named no number of trials, so
    `budget` only says where to stop at the latest.
    """

    version: Literal[1] = 1
    source: Literal["script"] = "script"
    client: Literal["wandb", "sigopt"]
    definition: dict[str, Any] = {}
    names: tuple[str, ...] = ()
    space: SearchSpace = SearchSpace()
    objectives: Annotated[tuple[ScriptObjective, ...], Field(min_length=1)]
    backend: BackendChoice
    budget: Budget
    open_ended: bool = False
    sampler_seed: Seed = 0


def is_script(spec: dict[str, Any] | None) -> bool:
    """Whether a stored spec is a `ScriptSpec`."""
    return bool(spec) and (spec or {}).get("source") == "script"
