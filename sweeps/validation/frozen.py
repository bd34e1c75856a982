"""What the start changes in a draft: what the backend makes necessary."""

from collections.abc import Mapping

from runners.protocol.backends import AnyBackend, RayBackend
from runners.protocol.space import SearchSpace
from runners.protocol.spec import Budget, FieldValue
from sweeps.validation.backend.check import most_trials
from sweeps.validation.backend.ray import CHECKPOINTED
from sweeps.validation.draft import Draft


def frozen_budget(draft: Draft, space: SearchSpace) -> Budget:
    """The budget; no more trials than there are combinations where each comes once."""
    budget = Budget.model_validate(draft.budget.model_dump())
    most = most_trials(draft.backend, space)
    return budget if most is None or most >= budget.n_trials else budget.model_copy(update={"n_trials": most})


def frozen_arguments(backend: AnyBackend, arguments: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The arguments; with a checkpoint at each evaluation where Ray's scheduler goes on from them."""
    found = dict(arguments)
    if isinstance(backend, RayBackend) and backend.scheduler.name in CHECKPOINTED:
        found["save_strategy"] = found.get("eval_strategy", "no")
        found.pop("save_steps", None)
        if found["save_strategy"] == "steps":
            every = found.get("eval_steps") or found.get("logging_steps")
            if every is not None:
                found["save_steps"] = every
    return found
