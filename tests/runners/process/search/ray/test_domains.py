"""Spaces as Ray sees them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ray.tune.search.variant_generator import generate_variants

from runners.optimizers.compile_ray import decode, described_ray, encode
from runners.process.search.ray.domains import compiled_ray
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

FLOATS = st.tuples(st.floats(1e-6, 1.0), st.floats(1.5, 1e3), st.booleans()).map(
    lambda drawn: FloatParameter(name="learning_rate", low=drawn[0], high=drawn[1], log=drawn[2])
) | st.tuples(st.integers(-3, 3), st.integers(1, 20)).map(
    lambda drawn: FloatParameter(name="learning_rate", low=drawn[0], high=drawn[0] + drawn[1] * 0.25, step=0.25)
)
INTS = st.tuples(st.integers(1, 50), st.integers(0, 200), st.booleans()).map(
    lambda drawn: IntParameter(name="num_train_epochs", low=drawn[0], high=drawn[0] + drawn[1], log=drawn[2])
) | st.tuples(st.integers(1, 50), st.integers(0, 30), st.integers(2, 8)).map(
    lambda drawn: IntParameter(
        name="num_train_epochs", low=drawn[0], high=drawn[0] + drawn[1] * drawn[2], step=drawn[2]
    )
)
CHOICES = st.lists(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1.5, "a", "b"]),
    min_size=1,
    unique_by=lambda value: (type(value), value),
).map(lambda values: CategoricalParameter(name="optim", choices=tuple(values)))


@settings(deadline=None, max_examples=150)
@given(FLOATS, INTS, CHOICES, st.integers(0, 2**32 - 1))
def test_ray_draws_what_the_rows_say(
    real: FloatParameter, whole: IntParameter, choice: CategoricalParameter, seed: int
) -> None:
    space = SearchSpace(parameters=(real, whole, choice))
    for _, variant in generate_variants({"config": compiled_ray(space)}, random_state=seed):
        values = decode(space, variant["config"])
        assert list(values) == ["learning_rate", "num_train_epochs", "optim"]
        rate, epochs, optim = values.values()
        assert type(rate) is float
        assert real.low <= rate <= real.high
        assert real.step is None or (rate - real.low) / real.step == pytest.approx(round((rate - real.low) / real.step))
        assert type(epochs) is int
        assert whole.low <= epochs <= whole.high
        assert (epochs - whole.low) % whole.step == 0
        assert any(type(optim) is type(one) and optim == one for one in choice.choices)
        assert decode(space, encode(space, values)) == values


def test_both_ends_of_whole_numbers_are_drawn() -> None:
    space = SearchSpace(parameters=(IntParameter(name="num_train_epochs", low=1, high=3),))
    drawn = {
        decode(space, variant["config"])["num_train_epochs"]
        for seed in range(60)
        for _, variant in generate_variants({"config": compiled_ray(space)}, random_state=seed)
    }
    assert drawn == {1, 2, 3}


def test_a_long_list_is_shortened_for_people_alone() -> None:
    row = CategoricalParameter(name="seed", choices=tuple(range(8)))
    assert described_ray(row) == "tune.choice([0, 1, 2, 3, 4, 5, …])"
    assert described_ray(row, shorten=False) == "tune.choice([0, 1, 2, 3, 4, 5, 6, 7])"
