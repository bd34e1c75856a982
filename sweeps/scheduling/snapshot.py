"""What the scheduler looks at: the fleet, what waits, and who has had how much. Plain values, no database."""

from dataclasses import dataclass, field

from runners.protocol.room import most_processes, slots_taken

GB = 10**9


@dataclass(frozen=True, slots=True)
class Machine:
    """A registered runner.

    `teams`: those served, empty is all. `slots`: as the runner itself counts; `limit`: how many of them may be used.
    `free`: those that no job holds, below zero where it came back with fewer. `gpus`: bytes of memory of each. `named`:
    its public id. `takes_part`: online, and nobody has taken it out; `state` says what else.
    """

    pk: int
    name: str
    named: str = ""
    state: str = "online"
    teams: frozenset[int] = frozenset()
    tasks: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    slots: int = 1
    limit: int = 1
    free: int = 1
    gpus: tuple[int, ...] = ()
    quarantine_reason: str = ""

    @property
    def takes_part(self) -> bool:
        return self.state == "online"

    def need(self, processes: int) -> int:
        """How many slots a job holds here whose trials have so many processes."""
        return slots_taken(processes, self.slots)

    def gpus_of(self, processes: int) -> float:
        """The share of its GPUs that such a job keeps from others."""
        return len(self.gpus) * self.need(processes) / self.slots if self.slots else 0.0

    @property
    def most_processes(self) -> int:
        """That a trial can have here."""
        most = most_processes(self.slots, len(self.gpus))
        return most if self.slots <= self.limit else min(most, self.limit)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a sweep needs of a machine; many sweeps share one.

    `gpus`: so many at least, 0 is a machine without, too. `gpu_memory`: bytes that each GPU of it has at least, since a
    slot may lie on any. `labels`: all of them. `runner`: the public id of the only one; empty is any.
    """

    team: int
    task: str = ""
    processes: int = 1
    gpus: int = 0
    gpu_memory: int = 0
    labels: frozenset[str] = frozenset()
    runner: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A queued sweep. `person`: who made it, 0 where nobody is known. `queued_at`: seconds, of any clock."""

    pk: int
    shape: Shape
    person: int = 0
    priority: int = 0
    queued_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """A team's quota and what it has of it. None: no bound.

    `gpus`: at once; `gpus_held`: now. `gpu_hours`: in a month; `gpu_hours_used`: since the month began. `renewed`: when
    the next month begins, for people.
    """

    gpus: float | None = None
    gpus_held: float = 0.0
    gpu_hours: float | None = None
    gpu_hours_used: float = 0.0
    renewed: str = ""

    @property
    def hours_used_up(self) -> bool:
        return self.gpu_hours is not None and self.gpu_hours_used >= self.gpu_hours


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`used`: (team, person) → slot-seconds of late, with what is held now. `now`: on the clock of `queued_at`."""

    machines: tuple[Machine, ...] = ()
    requests: tuple[Request, ...] = ()
    used: dict[tuple[int, int], float] = field(default_factory=dict)
    allowances: dict[int, Allowance] = field(default_factory=dict)
    now: float = 0.0
