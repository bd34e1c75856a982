"""A few random draws of a space, to look at before anything is trained."""

from dataclasses import dataclass

import optuna
from optuna.samplers import RandomSampler

from runners.optimizers.compile import suggest
from runners.optimizers.derive import resolved
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace


def draw(space: SearchSpace, n: int, seed: int) -> list[dict[str, Scalar]]:
    """`n` assignments drawn at random; the same seed gives the same draws."""
    # A study's creation is logged each time, which says nothing here.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=RandomSampler(seed=seed))
    return [suggest(study.ask(), space) for _ in range(n)]


@dataclass(frozen=True)
class Drawn:
    """A draw with what follows from it. `problem`: why nothing follows, else empty."""

    values: dict[str, Scalar]
    problem: str = ""


def preview(space: SearchSpace, n: int, seed: int, processes: int = 1) -> list[Drawn]:
    """As `draw`, with the derived values."""
    found = []
    for values in draw(space, n, seed):
        try:
            found.append(Drawn(resolved(space, values, processes)))
        except ValueError as error:
            found.append(Drawn(values, str(error)))
    return found
