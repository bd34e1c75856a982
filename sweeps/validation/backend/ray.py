"""Ray Tune: search, scheduler, mutations, resources and the cluster."""

from collections.abc import Iterator
from typing import Final

from runners.optimizers.ray_choices import RAY_SCHEDULERS, RAY_SEARCHES, ray_unfit
from runners.protocol.backends import RayBackend
from sweeps.validation.backend.choice import check_choice
from sweeps.validation.backend.searched import Searched, check_alone, needs_evaluations
from sweeps.validation.problems import Problem

MAX_CPUS: Final = 1024.0
MAX_GPUS: Final = 64.0
CHECKPOINTED: Final = frozenset({"pbt", "hyperband"})
"""Schedulers whose trials stop and go on, so there is a checkpoint at each evaluation."""


def check_ray(backend: RayBackend, searched: Searched) -> list[Problem]:
    """Everything that is wrong or odd, at `backend.…`."""
    problems = check_alone("Ray Tune", searched)
    problems += check_choice(
        "backend.search", "search", backend.search, {kind.name: kind.options for kind in RAY_SEARCHES.values()}
    )
    problems += check_choice(
        "backend.scheduler",
        "scheduler",
        backend.scheduler,
        {kind.name: kind.options for kind in RAY_SCHEDULERS.values()},
    )
    problems += _resources(backend, searched)
    if problems:
        return problems
    if searched.space is not None:
        reason = ray_unfit(backend, searched.space, len(searched.objectives))
        if reason:
            problems.append(Problem(_place(backend, reason), reason))
    if backend.scheduler.name != "none":
        label = RAY_SCHEDULERS[backend.scheduler.name].label
        problems += needs_evaluations(f"The scheduler {label}", "no scheduler", searched)
        problems += _population(backend, searched)
    return problems


def _place(backend: RayBackend, reason: str) -> str:
    named = any(reason.startswith(name) for name in backend.mutations)
    return (
        "backend.mutations" if named or "may change" in reason or "Only population" in reason else "backend.search.name"
    )


def _resources(backend: RayBackend, searched: Searched) -> Iterator[Problem]:
    if backend.cpus > MAX_CPUS:
        yield Problem("backend.cpus", f"The most is {MAX_CPUS:g} CPUs for a trial.")
    if backend.gpus > MAX_GPUS:
        yield Problem("backend.gpus", f"The most is {MAX_GPUS:g} GPUs for a trial.")
    for name, amount in (("cpus", backend.cpus), ("gpus", backend.gpus)):
        if amount > 1 and amount != int(amount):
            yield Problem(f"backend.{name}", "Above 1 it must be a whole number, as Ray has it.")
    if backend.address is not None and backend.address != searched.team.ray_address:
        known = searched.team.ray_address
        message = (
            f"The team's cluster is {known} now: choose it anew, or a local Ray."
            if known
            else "The team has no Ray cluster: enter RAY_ADDRESS on the team's page Connections, or choose a local Ray."
        )
        yield Problem("backend.address", message)


def _population(backend: RayBackend, searched: Searched) -> Iterator[Problem]:
    name = backend.scheduler.name
    if name == "pbt" and searched.children < 2:
        message = "One trial at a time has no other to copy from: give 2 or more trials at a time."
        yield Problem("children", message, warning=True)
    if name not in CHECKPOINTED:
        return
    saves = searched.arguments.get("save_strategy")
    if saves not in (None, "no", searched.arguments.get("eval_strategy")):
        label = RAY_SCHEDULERS[name].label
        message = f"{label} goes on from the checkpoint of an evaluation, so save_strategy will be as eval_strategy."
        yield Problem("arguments.save_strategy", message, warning=True)
