"""Ray's schedulers, made from the spec."""

from typing import Any, Final

from runners.optimizers.compile_ray import decode
from runners.optimizers.ray_choices import options_of
from runners.process.search.ray.domains import compiled_ray
from runners.process.search.sampler import seed_after
from runners.protocol.backends import RayBackend
from runners.protocol.space import SearchSpace

_APART: Final = 1_000_003
"""More trials than a sweep has."""


def make_scheduler(backend: RayBackend, space: SearchSpace, seed: int) -> Any:
    """The scheduler, or None for "none". Time is counted in evaluations (`training_iteration`)."""
    # Some count seconds by default.
    options: dict[str, Any] = {"time_attr": "training_iteration", **options_of("scheduler", backend.scheduler)}
    from ray.tune import schedulers

    match backend.scheduler.name:
        case "asha":
            return schedulers.ASHAScheduler(**options)
        case "hyperband" if backend.search.name == "bohb":
            return schedulers.HyperBandForBOHB(**options)
        case "hyperband":
            return schedulers.HyperBandScheduler(**options)
        case "median":
            return schedulers.MedianStoppingRule(**options)
        case "pbt":
            return schedulers.PopulationBasedTraining(
                hyperparam_mutations={name: _mutation(name, space, seed) for name in backend.mutations},
                log_config=False,
                **options,
            )
        case _:
            return None


def _mutation(name: str, space: SearchSpace, seed: int) -> Any:
    """Choices as a list, which PBT steps through; a range as a function that draws from it."""
    row = next(row for row in space.parameters if row.name == name)
    if row.type == "categorical":
        return list(row.choices)
    from ray.tune.search.sample import _BackwardsCompatibleNumpyRng

    alone = SearchSpace(parameters=(row.model_copy(update={"when": None}),))
    domain = compiled_ray(alone)[name]
    # Not the seed of the search itself, whose first draws would come again.
    random: Any = _BackwardsCompatibleNumpyRng(seed_after(seed, _APART))
    return lambda: decode(alone, {name: domain.sample(random_state=random)})[name]
