"""W&B: server, method, early termination, names."""

from typing import Final

from runners.optimizers.capabilities_wandb import wandb_problems
from runners.optimizers.wandb_choices import HYPERBAND, NO_EARLY, WANDB_EARLY, early_options
from runners.protocol.backends import NamedChoice, WandbBackend
from sweeps.validation.backend.choice import check_choice
from sweeps.validation.backend.searched import Searched, check_alone, needs_evaluations
from sweeps.validation.problems import Problem

API_KEY: Final = "WANDB_API_KEY"


def check_wandb(backend: WandbBackend, searched: Searched) -> list[Problem]:
    """Everything that is wrong or odd, at `backend.…`."""
    problems = check_alone("W&B", searched)
    if backend.server == "wandb" and API_KEY not in searched.team.secrets:
        message = f"The team has no key for W&B: enter {API_KEY} on the team's page Connections, or choose hpweb's own endpoint."
        problems.append(Problem("backend.server", message))
    if backend.server == "hpweb":
        problems += [
            Problem(f"backend.{name}", "hpweb's own endpoint keeps the sweep by itself: leave it empty, or choose W&B.")
            for name in ("sweep_id", "entity")
            if getattr(backend, name) is not None
        ]
    if backend.sweep_id is not None and not (backend.project and backend.entity) and backend.server == "wandb":
        message = "A sweep is found by its project and entity: give both, or clear the id."
        problems.append(Problem("backend.sweep_id", message))
    problems += check_choice(
        "backend.early_terminate",
        "early termination",
        backend.early_terminate,
        {kind.name: kind.options for kind in WANDB_EARLY.values()},
    )
    if problems:
        return problems
    return [*_space(backend, searched), *_early(backend, searched)]


def _space(backend: WandbBackend, searched: Searched) -> list[Problem]:
    if searched.space is None:
        return []
    # Early termination is judged below, at its own fields.
    alone = backend.model_copy(update={"early_terminate": NamedChoice(name=NO_EARLY)})
    return [Problem("backend.method", reason) for reason in wandb_problems(searched.space, alone)[:1]]


def _early(backend: WandbBackend, searched: Searched) -> list[Problem]:
    if backend.early_terminate.name != HYPERBAND:
        return []
    problems = needs_evaluations("Hyperband", "no early termination", searched)
    try:
        early_options(backend.early_terminate)
    except ValueError as error:
        text = str(error)
        name = "s" if "max_iter needs s" in text or ": s goes" in text else "min_iter"
        problems.append(Problem(f"backend.early_terminate.options.{name}", text))
    return problems
