"""Which sampler to begin with, given the space, the budget and how many trials run at a time."""

from typing import Final, NamedTuple

from runners.optimizers.samplers import unfit
from runners.protocol.space import CategoricalParameter, SearchSpace

FEW_TRIALS: Final = 100
FEW_ROWS: Final = 10
MANY_TRIALS: Final = 1000


class Proposal(NamedTuple):
    """A sampler's name and a sentence that says why."""

    name: str
    reason: str


def propose_sampler(space: SearchSpace, n_trials: int, n_objectives: int = 1, children: int = 1) -> Proposal:
    """A sampler that fits the space.

    The bounds follow Optuna's own table of samplers: Gaussian processes for up to some hundred trials of few numbers,
    TPE for up to some thousand trials of anything, evolution for more objectives and trials, CMA-ES for more numbers.
    """
    combinations = space.combinations()
    if combinations is not None and n_trials >= combinations:
        name = "grid" if unfit("grid", space, n_objectives) is None else "brute_force"
        return Proposal(name, f"The budget is enough for each of the {combinations} combinations once.")
    numbers = not any(isinstance(row, CategoricalParameter) or row.when for row in space.parameters)
    if n_objectives > 1:
        return _for_several(n_trials, n_objectives)
    if numbers and children == 1 and n_trials <= FEW_TRIALS and len(space.parameters) <= FEW_ROWS:
        return Proposal("gp", f"With {n_trials} trials of few numbers, one at a time, each trial must teach the most.")
    if n_trials >= MANY_TRIALS and unfit("cmaes", space, n_objectives) is None and len(space.parameters) > 1:
        return Proposal("cmaes", f"With {n_trials} trials of numbers alone, a moving cloud gets closest.")
    return Proposal("tpe", "It learns from any kind of row, also with several trials at a time.")


def _for_several(n_trials: int, n_objectives: int) -> Proposal:
    if n_trials < MANY_TRIALS:
        return Proposal("tpe", f"It learns from {n_trials} trials, which is too few for an evolution.")
    if n_objectives == 2:
        return Proposal("nsgaii", f"{n_trials} trials are enough for an evolution towards the Pareto set.")
    return Proposal("nsgaiii", f"{n_trials} trials are enough for an evolution, and it spreads over many objectives.")
