"""A search space as a W&B configuration: what is drawn from it stays within the rows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.optimizers.wandb_brain import WandbBrain
from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.backends import NamedChoice, WandbBackend
from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, SearchSpace

ACCURACY = Objective(metric="eval_accuracy", direction="maximize")


@st.composite
def rows(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from(["float", "log", "stepped", "int", "int log", "int stepped", "choice"]))
    low = draw(st.integers(1, 50))
    count = draw(st.integers(0, 20))
    match kind:
        case "float" | "log":
            scale = draw(st.sampled_from([1e-6, 0.1, 10.0]))
            return FloatParameter(name="x", low=low * scale, high=(low + count) * scale, log=kind == "log")
        case "stepped":
            step = draw(st.sampled_from([0.1, 0.25, 3.0]))
            return FloatParameter(name="x", low=low, high=low + count * step, step=step)
        case "int stepped":
            step = draw(st.integers(2, 7))
            return IntParameter(name="x", low=low, high=low + count * step, step=step)
        case "choice":
            choices = draw(
                st.lists(st.one_of(st.integers(-3, 3), st.booleans(), st.none(), st.text(max_size=3)), min_size=1)
            )
            typed = {(type(choice), choice): choice for choice in choices}
            return CategoricalParameter(name="x", choices=tuple(typed.values()))
        case _:
            return IntParameter(name="x", low=low, high=low + count, log=kind == "int log")


@settings(max_examples=150, deadline=None)
@given(row=rows(), seed=st.integers(0, 1000))
def test_draws_stay_within_the_row(row: Any, seed: int) -> None:
    brain = WandbBrain(wandb_configuration(SearchSpace(parameters=(row,)), WandbBackend(), ACCURACY), seed)
    for number in range(5):
        params = brain.propose(number)
        assert params is not None
        value = params["x"]
        if isinstance(row, CategoricalParameter):
            assert any(type(value) is type(choice) and value == choice for choice in row.choices)
            continue
        assert type(value) is (int if isinstance(row, IntParameter) else float)
        assert isinstance(value, int | float)
        assert row.low - 1e-9 <= value <= row.high + 1e-9
        if row.step and row.step != 1:
            steps = (value - row.low) / row.step
            assert steps == pytest.approx(round(steps), abs=1e-6)


def test_both_ends_are_reached() -> None:
    space = SearchSpace(
        parameters=(
            IntParameter(name="a", low=1, high=3),
            IntParameter(name="b", low=1, high=4, log=True),
            FloatParameter(name="c", low=0.0, high=0.3, step=0.1),
        )
    )
    brain = WandbBrain(wandb_configuration(space, WandbBackend(), ACCURACY), 0)
    draws = [brain.propose(number) or {} for number in range(200)]
    assert {draw["a"] for draw in draws} == {1, 2, 3}
    assert {draw["b"] for draw in draws} == {1, 2, 3, 4}
    assert {round(float(draw["c"] or 0), 6) for draw in draws} == {0.0, 0.1, 0.2, 0.3}


def test_the_configuration_as_w_and_b_has_it() -> None:
    space = SearchSpace(parameters=(FloatParameter(name="learning_rate", low=1e-5, high=1e-3, log=True),))
    early = NamedChoice(name="hyperband", options={"min_iter": 3})
    backend = WandbBackend(method="bayes", early_terminate=early)
    assert wandb_configuration(space, backend, ACCURACY) == {
        "method": "bayes",
        "metric": {"name": "eval/accuracy", "goal": "maximize"},
        "parameters": {"learning_rate": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-3}},
        "early_terminate": {"type": "hyperband", "min_iter": 3, "eta": 3.0, "strict": False},
    }
