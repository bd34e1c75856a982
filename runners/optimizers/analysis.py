"""The analysis of a sweep, as the server asks for it and keeps it. The work itself: `runners.optimizers.analyse`."""

from typing import Final, Literal

from runners.protocol.base import Message, Scalar
from runners.protocol.space import SearchSpace

NEEDED: Final = 10
"""With fewer trials the evaluators answer noise."""


class Aim(Message):
    """An objective's name and direction."""

    name: str
    direction: Literal["minimize", "maximize"]


class Asked(Message):
    """Completed trials with finite values, by number: lists of one length. `space`: None for a script's sweep."""

    objectives: tuple[Aim, ...]
    space: SearchSpace | None = None
    numbers: tuple[int, ...]
    params: tuple[dict[str, Scalar], ...]
    values: tuple[tuple[float, ...], ...]


class Rated(Message):
    """One evaluator's answer for one objective: name → share, the shares sum to 1. `problem`: why there is none."""

    evaluator: str
    label: str
    objective: str
    trials: int
    of: int
    shares: dict[str, float] = {}
    problem: str = ""


class LeftOut(Message):
    """A parameter that is not rated."""

    name: str
    why: str


class Importances(Message):
    """Every evaluator's answers, in the order of `EVALUATORS`."""

    rated: tuple[Rated, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Hypervolume(Message):
    """`values[i]`: the volume once the trial `numbers[i]` has its values; only trials that enlarge it are listed."""

    reference: tuple[float, ...]
    numbers: tuple[int, ...]
    values: tuple[float, ...]


class Found(Message):
    """The whole answer. `hypervolume`: None for one objective."""

    importances: Importances
    hypervolume: Hypervolume | None = None
