"""Ray's schedulers, made from the spec."""

from typing import Any

from runners.optimizers.compile_ray import decode
from runners.optimizers.ray_choices import options_of
from runners.process.search.ray.domains import compiled_ray
from runners.protocol.backends import RayBackend
from runners.protocol.space import SearchSpace


def make_scheduler(backend: RayBackend, space: SearchSpace, seed: int) -> Any:
    """The scheduler, or None for "none". Time is counted in evaluations (`training_iteration`)."""
    options: dict[str, Any] = dict(options_of("scheduler", backend.scheduler))
    from ray.tune import schedulers

    match backend.scheduler.name:
        case "asha":
            return schedulers.ASHAScheduler(**options)
        case "hyperband":
            return schedulers.HyperBandScheduler(**options)
        case "median":
            return schedulers.MedianStoppingRule(**options)
        case "pbt":
            return schedulers.PopulationBasedTraining(
                time_attr="training_iteration",
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
    random: Any = _BackwardsCompatibleNumpyRng(seed)
    return lambda: decode(alone, {name: domain.sample(random_state=random)})[name]
