"""Spaces as Optuna sees them."""

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from runners.optimizers.compile import compiled, suggest
from runners.optimizers.preview import draw
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="learning_rate", low=1e-5, high=1e-2, log=True),
        CategoricalParameter(name="model.hidden_act", choices=("gelu", "relu", None, 3, False)),
        IntParameter(name="data.max_length", low=8, high=32, step=8),
        FloatParameter(name="weight_decay", low=0.0, high=0.3, step=0.1),
    )
)


def test_rows_keep_their_order_and_bounds() -> None:
    assert list(compiled(SPACE).items()) == [
        ("learning_rate", FloatDistribution(1e-5, 1e-2, log=True)),
        ("model.hidden_act", CategoricalDistribution(("gelu", "relu", None, 3, False))),
        ("data.max_length", IntDistribution(8, 32, step=8)),
        ("weight_decay", FloatDistribution(0.0, 0.3, step=0.1)),
    ]


def test_suggesting_is_asking_for_the_compiled_distributions() -> None:
    ours = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    theirs = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    for _ in range(5):
        trial = ours.ask()
        values = suggest(trial, SPACE)
        assert values == theirs.ask(compiled(SPACE)).params == suggest(trial, SPACE)
        assert list(values) == list(compiled(SPACE))


def test_a_preview_is_the_same_for_the_same_seed() -> None:
    drawn = draw(SPACE, 20, seed=4)
    assert drawn == draw(SPACE, 20, seed=4)
    assert drawn != draw(SPACE, 20, seed=5)
    assert {value["data.max_length"] for value in drawn} <= {8, 16, 24, 32}
    assert all(type(value["learning_rate"]) is float for value in drawn)


@pytest.mark.parametrize("n", [0, 1])
def test_the_empty_space_has_empty_draws(n: int) -> None:
    assert draw(SearchSpace(), n, seed=0) == [{}] * n
