"""Machines as sets, so that a large fleet is looked through quickly.

A set of machines is a whole number whose bit *i* is machine *i* in the order of names. Which machines fit is asked of
`fits` once for each distinct team, task, label …; a sweep's machines are then what all of these have in common.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cached_property

from sweeps.scheduling.fits import does_task, has_gpus, has_labels, has_memory, has_places, is_named, serves
from sweeps.scheduling.snapshot import Machine, Shape

Bits = int


class Fleet:
    """What machines could do, were they idle. Unchanging."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self.machines = sorted(machines, key=lambda machine: (machine.name, machine.pk))
        self._known: dict[Hashable, Bits] = {}

    def where(self, true: Callable[[Machine], bool]) -> Bits:
        """The machines of which it is true."""
        bits = 0
        for place, machine in enumerate(self.machines):
            if true(machine):
                bits |= 1 << place
        return bits

    @cached_property
    def taking_part(self) -> Bits:
        return self.where(lambda machine: machine.takes_part)

    def served(self, shape: Shape) -> Bits:
        """The machines that may be used by its team."""
        return self._of(("team", shape.team), lambda machine: serves(machine, shape))

    def able(self, shape: Shape) -> Bits:
        """Those that take part, serve the team and have everything; see `fits.could_take`."""
        found = self._known.get(shape)
        if found is None:
            found = self._known[shape] = self._able(shape)
        return found

    def of(self, bits: Bits) -> Iterator[Machine]:
        """The machines of a set, by name."""
        while bits:
            yield self.machines[first(bits)]
            bits &= bits - 1

    def _able(self, shape: Shape) -> Bits:
        bits = self.taking_part & self.served(shape)
        bits &= self._of(("task", shape.task), lambda machine: does_task(machine, shape))
        bits &= self._of(("places", shape.processes), lambda machine: has_places(machine, shape))
        if shape.labels:
            bits &= self._of(("labels", shape.labels), lambda machine: has_labels(machine, shape))
        if shape.gpus or shape.gpu_memory:
            bits &= self._of(("gpus", shape.gpus, bool(shape.gpu_memory)), lambda machine: has_gpus(machine, shape))
            bits &= self._of(("memory", shape.gpu_memory), lambda machine: has_memory(machine, shape))
        if shape.runner:
            bits &= self._of(("runner", shape.runner), lambda machine: is_named(machine, shape))
        return bits

    def _of(self, key: Hashable, true: Callable[[Machine], bool]) -> Bits:
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.where(true)
        return found


def first(bits: Bits) -> int:
    """The place of the set's first machine."""
    return (bits & -bits).bit_length() - 1
