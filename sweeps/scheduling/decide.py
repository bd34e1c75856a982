"""The scheduler's decision: which waiting sweep goes to which machine, and what is kept for whom. A pure function."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sweeps.scheduling.fleet import Bits, Fleet, first
from sweeps.scheduling.snapshot import Allowance, Machine, Request, Shape, Snapshot
from sweeps.scheduling.turns import Turns

EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Offer:
    """`slots` and `gpus`: what the job holds of the machine."""

    request: Request
    machine: Machine
    slots: int
    gpus: float


@dataclass(frozen=True, slots=True)
class Decision:
    """`waiting`: the requests that get nothing now, in their order. `kept`: request's pk → the machine whose free slots
    are kept for it. `free`: machine's pk → slots that are left for others. `held`: team → GPUs, with those of the offers.
    `fleet`: the machines that were looked at.
    """

    offers: tuple[Offer, ...] = ()
    waiting: tuple[Request, ...] = ()
    kept: Mapping[int, Machine] = field(default_factory=dict)
    free: Mapping[int, int] = field(default_factory=dict)
    held: Mapping[int, float] = field(default_factory=dict)
    fleet: Fleet = field(default_factory=lambda: Fleet(()))


def decide(snapshot: Snapshot) -> Decision:
    """Go through the requests by turns. Each gets the machine with most room.

    One that needs several slots where fewer are free keeps those of one machine until there are enough, or sweeps of one
    slot would pass it for ever; everything else is for those behind it (backfill). What it keeps counts as had.
    """
    turns, room = Turns(snapshot), _Room(snapshot)
    offers: list[Offer] = []
    waiting: list[Request] = []
    kept: dict[int, Machine] = {}
    for request in turns:
        machine = room.best(request.shape)
        if machine is None:
            waiting.append(request)
            continue
        slots = machine.need(request.shape.processes)
        if room.free[machine.pk] >= slots:
            offers.append(Offer(request, machine, slots, room.take(request.shape, machine, slots)))
            turns.charge(request, slots)
        else:
            turns.charge(request, room.keep(machine))
            kept[request.pk] = machine
            waiting.append(request)
    return Decision(tuple(offers), tuple(waiting), kept, room.free, room.held, room.fleet)


def exceeds(allowance: Allowance | None, held: float, more: float) -> bool:
    """Whether so many GPUs more are against the team's quota. A machine without GPUs never is."""
    if allowance is None or more <= 0:
        return False
    over = allowance.gpus is not None and held + more > allowance.gpus + EPSILON
    return over or allowance.hours_used_up


class _Room:
    """Slots and GPUs as the decision goes on."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.fleet = Fleet(snapshot.machines)
        self._places = {machine.pk: place for place, machine in enumerate(self.fleet.machines)}
        self._allowances = snapshot.allowances
        self.free = {
            machine.pk: max(0, min(machine.free, machine.limit)) if machine.takes_part else 0
            for machine in self.fleet.machines
        }
        self.held = {team: allowance.gpus_held for team, allowance in snapshot.allowances.items()}
        self._with_free: defaultdict[int, Bits] = defaultdict(int)
        """Free slots → the machines that have so many."""
        self._roomy: dict[int, Bits] = {}
        """Processes of a trial → the machines that have room for it now."""
        self._gpus: dict[int, dict[float, Bits]] = {}
        """Processes of a trial → the share of its GPUs that a job takes → the machines where it is that."""
        for place, machine in enumerate(self.fleet.machines):
            self._with_free[self.free[machine.pk]] |= 1 << place
        self._most = max(self._with_free, default=0)

    def best(self, shape: Shape) -> Machine | None:
        """The machine with most room: one that takes the shape now, else the one that has most of what it needs.

        None when no machine that could take it has a free slot.
        """
        able = self.fleet.able(shape) & ~self._with_free[0]
        if able and (allowance := self._allowances.get(shape.team)):
            able &= self._allowed(allowance, shape)
        if not able:
            return None
        able = able & self._room_for(shape.processes) or able
        for free in range(self._most, 0, -1):
            if found := able & self._with_free[free]:
                return self.fleet.machines[first(found)]
        raise AssertionError  # every machine is in one of these sets

    def take(self, shape: Shape, machine: Machine, slots: int) -> float:
        """Give the slots away. The GPUs that go with them."""
        gpus = machine.gpus_of(shape.processes)
        self._leave(machine, self.free[machine.pk] - slots)
        self.held[shape.team] = self.held.get(shape.team, 0.0) + gpus
        return gpus

    def keep(self, machine: Machine) -> int:
        """Nobody else gets what is free there in this round. How many slots that is."""
        kept = self.free[machine.pk]
        self._leave(machine, 0)
        return kept

    def _leave(self, machine: Machine, free: int) -> None:
        bit = 1 << self._places[machine.pk]
        self._with_free[self.free[machine.pk]] ^= bit
        self._with_free[free] |= bit
        self.free[machine.pk] = free
        for processes in self._roomy:
            if free < machine.need(processes):
                self._roomy[processes] &= ~bit

    def _room_for(self, processes: int) -> Bits:
        if processes not in self._roomy:
            roomy = self.fleet.where(lambda machine: self.free[machine.pk] >= machine.need(processes))
            self._roomy[processes] = roomy
        return self._roomy[processes]

    def _allowed(self, allowance: Allowance, shape: Shape) -> Bits:
        """Where a job of the shape is within its team's quota."""
        if shape.processes not in self._gpus:
            by_share: defaultdict[float, Bits] = defaultdict(int)
            for place, machine in enumerate(self.fleet.machines):
                by_share[machine.gpus_of(shape.processes)] |= 1 << place
            self._gpus[shape.processes] = dict(by_share)
        held, bits = self.held.get(shape.team, 0.0), 0
        for share, machines in self._gpus[shape.processes].items():
            if not exceeds(allowance, held, share):
                bits |= machines
        return bits
