"""What the controller of packing is told, and what it answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """One living child. `steps`, `samples`: trained by it so far; `busy`: seconds of these steps alone, without
    evaluations and what lies between trials. `peak`: the most memory it has held, bytes; 0 is not known yet. `batch`:
    rows of one batch of its trial. `working`: it has a trial.
    """

    child: str
    steps: int = 0
    samples: int = 0
    busy: float = 0.0
    peak: int = 0
    batch: int = 0
    working: bool = True


@dataclass(frozen=True)
class Card:
    """The device: memory in bytes (`total` 0: not known), utilisation in percent. On a CPU it is the machine's memory."""

    total: int = 0
    used: int = 0
    utilisation: float | None = None


@dataclass(frozen=True)
class Seen:
    """`t`: seconds on a monotonic clock. `left`: trials that no child has yet; None is not known."""

    t: float
    paces: tuple[Pace, ...]
    card: Card = Card()
    left: int | None = None


@dataclass(frozen=True)
class Plan:
    """`children`: so many may train at a time. `ready`: so many processes are kept, to train or to stand by. `why`: a
    sentence for people.
    """

    children: int
    ready: int
    why: str
