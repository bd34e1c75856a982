"""Where a job's children train, as packing must know it, and the limits that follow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psutil

from runners.process.hardware import Hardware
from runners.process.packing.controller import Limits
from runners.process.packing.observed import Card
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter
from runners.protocol.spec import SweepSpec

MOST: Final = 64
BATCH: Final = "per_device_train_batch_size"
ACCUMULATION: Final = "gradient_accumulation_steps"


@dataclass(frozen=True)
class Site:
    """`device`: its name for people, the same for equal devices. `cores`: of the machine, for this job. `gpu`: whether it
    is one. `card` reads its memory.
    """

    device: str
    cores: int
    gpu: bool
    card: Callable[[], Card]


def site_of(hardware: Hardware, device: str, slots: int) -> Site:
    """For a job on that device ("cpu", "cuda:0"), which has one slot of so many."""
    kind, _, index = device.partition(":")
    cores = max(1, hardware.cpu_count // max(1, slots))
    if kind != "cuda" or "," in index:
        return Site(f"CPU of {hardware.cpu_count} cores", cores, gpu=False, card=_machine)

    def card() -> Card:
        gpu = hardware.accelerator(int(index))
        return Card() if gpu is None else Card(gpu.memory_total, gpu.memory_used or 0, gpu.utilisation)

    gpu = hardware.accelerator(int(index))
    return Site(gpu.name if gpu else "GPU", cores, gpu=True, card=card)


def limits_of(spec: SweepSpec, site: Site) -> Limits:
    """How many children there may be, and why not more."""
    if spec.children != "auto":
        return Limits(spec.children, "as chosen", grows=False)
    if spec.backend.name == "ray" or spec.processes > 1:
        return Limits(1, "trials of several processes, and those of Ray, are not packed", grows=False)
    cores = max(1, site.cores // spec.threads)
    least = min((cores, "cores"), (spec.max_children or MOST, "chosen"), (MOST, "most"))
    reasons = {
        "cores": f"there are {site.cores} CPU cores for {spec.threads} thread{'' if spec.threads == 1 else 's'} of each",
        "chosen": "no more were allowed",
        "most": "no more are ever tried",
    }
    return Limits(least[0], reasons[least[1]])


def backs_off(spec: SweepSpec) -> bool:
    """Whether a trial that ran out of memory beside others is trained again. Ray's trials are at work in one process."""
    return spec.backend.name != "ray"


def largest_batch(spec: SweepSpec) -> int:
    """Rows of a batch at the largest corner; 0 where every trial has the same batch."""
    names = {row.name for row in (*spec.space.parameters, *spec.space.derived)}
    if not names & {BATCH, ACCUMULATION}:
        return 0
    rows: dict[str, Any] = {row.name: row for row in spec.space.parameters}
    # Steps that are accumulated come one after the other in memory, so the batch alone counts for it.
    return _most(rows.get(BATCH)) or int(_number(spec.arguments.get(BATCH)) or 8)


def _most(row: Any) -> int:
    if isinstance(row, IntParameter | FloatParameter):
        return int(row.high)
    if isinstance(row, CategoricalParameter):
        return max((int(number) for value in row.choices if (number := _number(value))), default=0)
    return 0


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _machine() -> Card:
    memory = psutil.virtual_memory()
    return Card(int(memory.total), int(memory.total - memory.available))
