"""Our own words about a field: help, bounds and a row to start from. Types and defaults come from the library."""

from dataclasses import dataclass

from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter


@dataclass(frozen=True)
class Words:
    """What the library cannot say. `search`: (low, high), (low, high, "log"), (low, high, step) or a list of choices."""

    help: str
    group: str = ""
    minimum: float | None = None
    maximum: float | None = None
    search: tuple[float, float] | tuple[float, float, str | float] | list[Scalar] | None = None
    reason: str = ""
    choices: tuple[str, ...] = ()
    reshapes: bool = False


Row = FloatParameter | IntParameter | CategoricalParameter


def proposal(name: str, kind: str, words: Words) -> Row | None:
    """The row that `words.search` describes, for a field of type `kind`."""
    match words.search:
        case None:
            return None
        case list(choices):
            return CategoricalParameter(name=name, choices=tuple(choices))
        case (low, high, *more):
            log = "log" in more
            steps = [step for step in more if not isinstance(step, str)]
            if kind == "int":
                step = int(steps[0]) if steps else 1
                return IntParameter(name=name, low=int(low), high=int(high), log=log, step=step)
            return FloatParameter(name=name, low=low, high=high, log=log, step=float(steps[0]) if steps else None)
