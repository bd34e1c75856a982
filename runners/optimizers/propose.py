"""Which sampler to take when nobody has an opinion."""

from typing import Final

from runners.optimizers.samplers import unfit
from runners.protocol.space import SearchSpace

FEW: Final = 10
"""TPE draws so many trials at random before it learns."""
GENERATIONS: Final = 250
"""Five generations of fifty: fewer and an evolution has hardly begun."""
CLOUD: Final = 100


def propose_sampler(space: SearchSpace, n_trials: int, n_objectives: int = 1, children: int = 1) -> tuple[str, str]:
    """(name, reason as the end of a sentence). What it names fits the space.

    Optuna's own advice (its page "Efficient optimization algorithms"): TPE for up to some hundred trials, CMA-ES and
    NSGA-II from there on.
    """
    combinations = space.combinations()
    if combinations is not None and combinations <= n_trials:
        return "brute_force", f"the space has {combinations} different trials, and each is tried once."
    if n_objectives > 1 and n_trials >= GENERATIONS:
        name = "nsgaii" if n_objectives == 2 else "nsgaiii"
        return name, f"{n_trials} trials are enough for an evolution towards the Pareto set."
    if n_trials <= FEW:
        if unfit("qmc", space, n_objectives) is None:
            return "qmc", f"{n_trials} trials are too few to learn from, so they are spread evenly."
        return "random", f"{n_trials} trials are too few to learn from."
    numbers = len(space.parameters) >= 2 and unfit("cmaes", space, n_objectives) is None
    if n_objectives == 1 and n_trials >= CLOUD and numbers and children < n_trials / FEW:
        return "cmaes", f"all parameters are numbers, and {n_trials} trials are enough for it."
    return "tpe", f"it learns from the trials so far, also with {n_trials} of them and with choices."
