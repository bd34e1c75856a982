"""The sampler that is proposed."""

import pytest

from runners.optimizers.propose import propose_sampler
from runners.optimizers.samplers import SAMPLERS, unfit
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, When

FLOATS = tuple(FloatParameter(name=f"x{index}", low=0, high=1) for index in range(3))
WORDS = CategoricalParameter(name="words", choices=("a", "b"))
WHOLE = IntParameter(name="whole", low=1, high=4)
UNDER = IntParameter(name="under", low=1, high=2, when=When(name="words", values=("a",)))


@pytest.mark.parametrize(
    ("rows", "n_trials", "n_objectives", "children", "name"),
    [
        (FLOATS, 30, 1, 1, "gp"),
        (FLOATS, 30, 1, 4, "tpe"),
        (FLOATS, 300, 1, 1, "tpe"),
        (FLOATS, 3000, 1, 8, "cmaes"),
        ((*FLOATS, WORDS), 3000, 1, 8, "tpe"),
        ((*FLOATS, WORDS), 30, 1, 1, "tpe"),
        ((WORDS, WHOLE), 8, 1, 1, "grid"),
        ((WORDS, WHOLE), 7, 1, 1, "tpe"),
        ((WORDS, UNDER), 3, 1, 1, "brute_force"),
        (FLOATS, 100, 2, 1, "tpe"),
        (FLOATS, 1000, 2, 1, "nsgaii"),
        (FLOATS, 1000, 3, 1, "nsgaiii"),
    ],
)
def test_the_proposal_fits_the_budget(
    rows: tuple[FloatParameter | IntParameter | CategoricalParameter, ...],
    n_trials: int,
    n_objectives: int,
    children: int,
    name: str,
) -> None:
    space = SearchSpace(parameters=rows)
    proposed = propose_sampler(space, n_trials, n_objectives, children)
    assert proposed.name == name
    assert proposed.reason.endswith(".")
    assert proposed.name in SAMPLERS
    assert unfit(proposed.name, space, n_objectives) is None
