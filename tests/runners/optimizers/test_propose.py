"""The sampler that is proposed."""

import pytest

from runners.optimizers.propose import propose_sampler
from runners.optimizers.samplers import unfit
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, When

FLOATS = tuple(FloatParameter(name=f"x{index}", low=0, high=1) for index in range(3))
WORDS = CategoricalParameter(name="words", choices=("a", "b"))
WHOLE = IntParameter(name="whole", low=1, high=4)
UNDER = IntParameter(name="under", low=1, high=2, when=When(name="words", values=("a",)))


@pytest.mark.parametrize(
    ("rows", "n_trials", "n_objectives", "children", "name"),
    [
        (FLOATS, 10, 1, 1, "qmc"),
        ((*FLOATS, WORDS), 10, 1, 1, "random"),
        (FLOATS, 30, 1, 1, "tpe"),
        (FLOATS, 300, 1, 1, "cmaes"),
        (FLOATS, 300, 1, 40, "tpe"),
        ((*FLOATS, WORDS), 300, 1, 1, "tpe"),
        ((WORDS, WHOLE), 8, 1, 1, "brute_force"),
        ((WORDS, WHOLE), 7, 1, 1, "random"),
        ((WORDS, UNDER), 3, 1, 1, "brute_force"),
        (FLOATS, 100, 2, 1, "tpe"),
        (FLOATS, 250, 2, 1, "nsgaii"),
        (FLOATS, 250, 3, 1, "nsgaiii"),
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
    proposed, reason = propose_sampler(space, n_trials, n_objectives, children)
    assert proposed == name
    assert reason.endswith(".")
    assert unfit(proposed, space, n_objectives) is None
