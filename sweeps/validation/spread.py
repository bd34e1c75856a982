"""Processes of a trial, adapters, and where trials are mirrored: what these need."""

from collections.abc import Iterator
from typing import Final

from runners.protocol.backends import WandbBackend
from runners.protocol.catalogue import catalogue
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Problem
from sweeps.validation.team import TeamSettings, report_reason
from sweeps.validation.values import typed

MAX_PROCESSES: Final = 64


def check_spread(draft: Draft, team: TeamSettings) -> Iterator[Problem]:
    """At `processes`, `lora.…`, `report_to`."""
    if draft.processes > MAX_PROCESSES:
        yield Problem("processes", f"The most is {MAX_PROCESSES} processes for a trial.")
    elif team.most_processes and draft.processes > team.most_processes[0]:
        most, runner = team.most_processes
        message = (
            f"No runner has room for {draft.processes} processes of one trial: the most is {most}, on {runner} (a GPU for "
            f"each; without GPUs a slot, HPWEB_RUNNER_SLOTS). The sweep waits until one has."
        )
        yield Problem("processes", message, warning=True)
    yield from _lora(draft)
    for name in draft.report_to:
        reason = report_reason(name, team)
        if reason:
            yield Problem("report_to", reason)
    if "wandb" in draft.report_to and isinstance(draft.backend, WandbBackend) and draft.backend.server == "wandb":
        yield Problem("report_to", "The search itself shows its trials at Weights & Biases: take this mirror out.")


def _lora(draft: Draft) -> Iterator[Problem]:
    if draft.lora is None:
        return
    for field in catalogue().lora:
        try:
            typed(field, getattr(draft.lora, field.name))
        except ValueError as error:
            yield Problem(f"lora.{field.name}", str(error))
    for module in draft.lora.target_modules:
        if not module.replace(".", "").replace("_", "").replace("-", "").isalnum() or len(module) > 100:
            message = f"{module[:60]!r} is no module's name. Separate names with commas, such as query, value."
            yield Problem("lora.target_modules", message)
