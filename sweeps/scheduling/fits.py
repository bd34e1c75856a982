"""Whether a machine, were it idle, could do what a sweep needs. Each step is a reason by itself."""

from collections.abc import Iterable

from sweeps.scheduling.snapshot import Machine, Shape


def serves(machine: Machine, shape: Shape) -> bool:
    return not machine.teams or shape.team in machine.teams


def is_named(machine: Machine, shape: Shape) -> bool:
    return not shape.runner or machine.named == shape.runner


def does_task(machine: Machine, shape: Shape) -> bool:
    return shape.task in machine.tasks


def has_labels(machine: Machine, shape: Shape) -> bool:
    return shape.labels <= machine.labels


def has_gpus(machine: Machine, shape: Shape) -> bool:
    """As many GPUs as are wanted; one where memory is wanted."""
    return len(machine.gpus) >= max(shape.gpus, 1 if shape.gpu_memory else 0)


def has_memory(machine: Machine, shape: Shape) -> bool:
    return not shape.gpu_memory or all(memory >= shape.gpu_memory for memory in machine.gpus)


def has_places(machine: Machine, shape: Shape) -> bool:
    """Room for the processes of one trial."""
    return shape.processes <= machine.most_processes and machine.need(shape.processes) <= machine.limit


NEEDS = (does_task, has_labels, has_gpus, has_memory, has_places)


def could_take(machine: Machine, shape: Shape) -> bool:
    """Takes part, serves the team, and has everything."""
    return (
        machine.takes_part
        and serves(machine, shape)
        and is_named(machine, shape)
        and all(need(machine, shape) for need in NEEDS)
    )


def able(machines: Iterable[Machine], shape: Shape) -> list[Machine]:
    """Those that could, in their order."""
    return [machine for machine in machines if could_take(machine, shape)]
