"""One space, every backend: whatever compiles it, a draw is what the space says."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runners.optimizers.capabilities import described
from runners.optimizers.wandb_configuration import wandb_parameter
from runners.optimizers.wandb_distributions import read_parameters
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Parameter, SearchSpace, When
from tests.runners.process.search.drawing import BACKENDS, draws, fits, violations
from tests.runners.process.search.spaces import spaces

QUICK = ("optuna random", "ray random", "ray hyperopt", "wandb random")
NAMED = [pytest.param(name, marks=() if name in QUICK else pytest.mark.full) for name in BACKENDS]
QUIET = pytest.mark.filterwarnings("ignore")
"""Optuna warns of choices that are no strings' equals, Ray and HyperOpt of NumPy: nothing of it is about a draw."""


@QUIET
@pytest.mark.parametrize("name", NAMED)
@given(data=st.data(), seed=st.integers(0, 2**31 - 1))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_draw_is_what_the_space_says(name: str, data: st.DataObject, seed: int) -> None:
    backend = BACKENDS[name]
    space = data.draw(spaces(conditional=data.draw(st.booleans())))
    assume(fits(space, backend))
    found = list(draws(space, backend, 12, seed))
    assert found
    for values in found:
        assert violations(space, values) == [], values


def _typed(values: dict[str, Scalar], name: str) -> tuple[type, Scalar]:
    value = values[name]
    return type(value), round(value, 9) if isinstance(value, float) else value


SMALL: list[tuple[Parameter, list[Scalar]]] = [
    (IntParameter(name="x", low=3, high=6), [3, 4, 5, 6]),
    (IntParameter(name="x", low=1, high=3, log=True), [1, 2, 3]),
    (IntParameter(name="x", low=8, high=32, step=8), [8, 16, 24, 32]),
    (IntParameter(name="x", low=5, high=5), [5]),
    (FloatParameter(name="x", low=0.0, high=0.3, step=0.1), [0.0, 0.1, 0.2, 0.3]),
    (FloatParameter(name="x", low=2.0, high=2.0), [2.0]),
    (CategoricalParameter(name="x", choices=(1, True, 1.0, "1", None)), [1, True, 1.0, "1", None]),
    (CategoricalParameter(name="x", choices=(0.5, 1, "a")), [0.5, 1, "a"]),
]


@QUIET
@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(("row", "expected"), SMALL, ids=[f"{row.type}-{values}" for row, values in SMALL])
def test_every_value_can_be_drawn_both_ends_included(name: str, row: Parameter, expected: list[Scalar]) -> None:
    backend = BACKENDS[name]
    # Beside it a row that every sampler finds something to do with.
    space = SearchSpace(parameters=(row, IntParameter(name="y", low=1, high=3)))
    if not fits(space, backend):
        pytest.skip(described(space, backend)[1][0])
    many = 400 if name in {"optuna random", "optuna qmc", "ray random", "wandb random"} else 60
    found = {_typed(values, "x") for values in draws(space, backend, many, 7)}
    learns = name in {"optuna tpe", "optuna nsgaii", "optuna gp", "optuna cmaes", "wandb bayes"}
    wanted = {(type(value), value) for value in expected}
    assert found <= wanted
    if not learns:  # what learns may have settled on the best
        assert found == wanted


@QUIET
@pytest.mark.parametrize("name", [name for name in BACKENDS if "grid" in name or "brute" in name])
def test_a_grid_has_every_combination_once(name: str) -> None:
    space = SearchSpace(
        parameters=(
            IntParameter(name="a", low=1, high=3, log=True),
            CategoricalParameter(name="b", choices=(1, "1", None)),
            FloatParameter(name="c", low=0.1, high=0.3, step=0.1),
            IntParameter(name="d", low=2, high=2),
        )
    )
    found = [
        tuple(_typed(values, row.name) for row in space.parameters) for values in draws(space, BACKENDS[name], 99, 1)
    ]
    assert len(found) == len(set(found)) == space.combinations() == 27


@pytest.mark.parametrize("row", [row for row, _ in SMALL])
def test_the_ends_of_a_wandb_distribution_are_the_ends_of_the_row(row: Parameter) -> None:
    (dimension,) = read_parameters({"parameters": {"x": wandb_parameter(row)}})
    first = row.choices[0] if isinstance(row, CategoricalParameter) else row.low
    last = row.choices[-1] if isinstance(row, CategoricalParameter) else row.high
    for quantile, end in ((0.0, first), (1.0 - 1e-12, last)):
        value = dimension.at(quantile)
        assert (type(value), value) == (type(end), end)


def test_a_grid_that_does_not_fit_into_memory_is_refused() -> None:
    rows = tuple(IntParameter(name=name, low=1, high=1000) for name in ("a", "b"))
    assert (
        "there are 1000000: the most is 100000"
        in described(SearchSpace(parameters=rows), BACKENDS["optuna grid"])[1][0]
    )
    assert fits(SearchSpace(parameters=rows), BACKENDS["ray grid"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (CategoricalParameter(name="x", choices=(1, True)), "cannot tell equal choices of x apart"),
        (FloatParameter(name="x", low=2.0, high=2.0), "make x a single choice"),
    ],
)
def test_what_brute_force_would_break_on_is_refused(row: Parameter, said: str) -> None:
    (problem,) = described(SearchSpace(parameters=(row,)), BACKENDS["optuna brute_force"])[1]
    assert said in problem


def test_rows_with_a_condition_are_refused_where_they_cannot_be_expressed() -> None:
    space = SearchSpace(
        parameters=(
            CategoricalParameter(name="optim", choices=("sgd", "adafactor")),
            IntParameter(name="x", low=1, high=2, when=When(name="optim", values=("sgd",))),
        )
    )
    able = {name for name, backend in BACKENDS.items() if fits(space, backend)}
    assert able == {
        *("optuna random", "optuna tpe", "optuna nsgaii", "optuna gp", "optuna brute_force"),
        *("ray random", "wandb random"),
    }
