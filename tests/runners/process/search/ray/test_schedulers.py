"""Ray's schedulers, as the spec names them."""

from typing import Any

import pytest

from runners.optimizers.ray_choices import RAY_SCHEDULERS, ray_unfit
from runners.process.search.ray.domains import compiled_ray
from runners.process.search.ray.schedulers import make_scheduler
from runners.protocol.backends import NamedChoice, RayBackend
from runners.protocol.space import FloatParameter, IntParameter, SearchSpace

RATE = FloatParameter(name="learning_rate", low=1e-5, high=1e-2, log=True)
SPACE = SearchSpace(parameters=(RATE, IntParameter(name="per_device_train_batch_size", low=8, high=32)))


def made(name: str, mutations: tuple[str, ...] = ()) -> Any:
    return make_scheduler(RayBackend(scheduler=NamedChoice(name=name), mutations=mutations), SPACE, 5)


@pytest.mark.parametrize("name", sorted(RAY_SCHEDULERS.keys() - {"none"}))
def test_each_counts_evaluations(name: str) -> None:
    assert made(name, ("learning_rate",) if name == "pbt" else ())._time_attr == "training_iteration"


def test_without_one_there_is_none() -> None:
    assert made("none") is None


def test_a_mutation_does_not_repeat_the_draws_of_the_search() -> None:
    from ray.tune.search.sample import _BackwardsCompatibleNumpyRng

    mutation = made("pbt", ("learning_rate",))._hyperparam_mutations["learning_rate"]
    mutated = [mutation() for _ in range(20)]
    random: Any = _BackwardsCompatibleNumpyRng(5)
    domain = compiled_ray(SearchSpace(parameters=(RATE,)))["learning_rate"]
    drawn = [float(domain.sample(random_state=random)) for _ in range(20)]
    assert not set(mutated) & set(drawn)
    assert all(RATE.low <= value <= RATE.high for value in mutated)


def test_what_is_laid_out_at_the_start_cannot_be_changed_later() -> None:
    backend = RayBackend(scheduler=NamedChoice(name="pbt"), mutations=("per_device_train_batch_size",))
    reason = ray_unfit(backend, SPACE)
    assert reason == (
        "per_device_train_batch_size cannot change while a trial trains: its steps and its data are laid out at the start."
    )
    assert ray_unfit(backend.model_copy(update={"mutations": ("learning_rate",)}), SPACE) is None
