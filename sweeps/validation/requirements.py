"""What a sweep needs of the runner that does it. It decides where, and never what comes out."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, NonNegativeInt, StringConstraints, field_validator

from runners.labels import LABEL, MOST_LABELS
from runners.protocol.base import Message
from sweeps.validation.problems import Problem

MAX_GPUS = 64
MAX_GPU_MEMORY_GB = 10_000

Label = Annotated[str, StringConstraints(pattern=LABEL)]


class Requirements(Message):
    """`gpus`: the runner has so many at least; 0 is a runner without, too. `gpu_memory_gb`: each of them has so much, in GB
    of a billion bytes. `labels`: the runner has all of them. `runner`: the public id of the only one; empty is any.
    """

    gpus: NonNegativeInt = 0
    gpu_memory_gb: Annotated[float, Field(gt=0)] | None = None
    labels: Annotated[tuple[Label, ...], Field(max_length=MOST_LABELS)] = ()
    runner: Annotated[str, StringConstraints(max_length=12)] = ""

    @field_validator("labels")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(value)))


def check_requirements(wanted: Requirements, runners: dict[str, str]) -> Iterator[Problem]:
    """`runners`: public id → name of those that serve the team."""
    if wanted.gpus > MAX_GPUS:
        yield Problem("requirements.gpus", f"The most is {MAX_GPUS} GPUs.")
    if wanted.gpu_memory_gb is not None and wanted.gpu_memory_gb > MAX_GPU_MEMORY_GB:
        yield Problem("requirements.gpu_memory_gb", f"The most is {MAX_GPU_MEMORY_GB} GB.")
    if wanted.runner and wanted.runner not in runners:
        yield Problem("requirements.runner", "No such runner serves this team: choose one of the list, or any.")
