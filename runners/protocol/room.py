"""How much of a runner a job takes: the same for the server, which offers, and the runner, which makes room."""

from typing import Final

HOME_WARNS: Final = 0.8
"""From this share of a home's limit on, caches are deleted and people are warned of the rest."""


def slots_taken(processes: int, slots: int) -> int:
    """How many of a runner's slots a job holds: one for each process of its trials; all, where GPUs are more than slots."""
    return min(processes, slots)


def most_processes(slots: int, gpus: int) -> int:
    """The most processes that a trial can have on a runner: one on each GPU; without GPUs, one in each slot."""
    return gpus or slots
