"""A few random draws of a space, to look at before anything is trained."""

import optuna
from optuna.samplers import RandomSampler

from runners.optimizers.compile import suggest
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace


def draw(space: SearchSpace, n: int, seed: int) -> list[dict[str, Scalar]]:
    """`n` assignments drawn at random; the same seed gives the same draws."""
    # A study's creation is logged each time, which says nothing here.
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=RandomSampler(seed=seed))
    return [suggest(study.ask(), space) for _ in range(n)]
