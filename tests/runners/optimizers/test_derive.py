"""Conditional rows, lookups and formulas."""

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.optimizers.compile import suggest
from runners.optimizers.derive import inputs_of, resolved
from runners.protocol.base import Scalar
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    Formula,
    IntParameter,
    Lookup,
    SearchSpace,
    When,
)

SPACE = SearchSpace(
    parameters=(
        CategoricalParameter(name="optim", choices=("adamw_torch", "adafactor")),
        FloatParameter(name="adam_beta1", low=0.8, high=0.9, when=When(name="optim", values=("adamw_torch",))),
        CategoricalParameter(name="var.size", choices=("small", "large")),
        IntParameter(name="var.effective_batch_size", low=16, high=64, step=16),
        CategoricalParameter(name="per_device_train_batch_size", choices=(8, 16)),
    ),
    derived=(
        Lookup(name="model.hidden_size", of="var.size", values=(64, 256)),
        Formula(
            name="gradient_accumulation_steps",
            formula="max(1, var.effective_batch_size // (per_device_train_batch_size * processes))",
        ),
        Formula(name="model.intermediate_size", formula="4 * model.hidden_size"),
        Formula(name="adam_beta2", formula="1 - (1 - adam_beta1) / 10"),
    ),
)


@given(st.integers(0, 2**31), st.integers(1, 4))
def test_draws_act_where_they_may_and_derived_values_follow(seed: int, processes: int) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    drawn = suggest(study.ask(), SPACE)
    assert ("adam_beta1" in drawn) == (drawn["optim"] == "adamw_torch")
    values = resolved(SPACE, drawn, processes)
    assert values["model.hidden_size"] == {"small": 64, "large": 256}[str(drawn["var.size"])]
    assert values["model.intermediate_size"] == 4 * int(str(values["model.hidden_size"]))
    batch, each = int(str(drawn["var.effective_batch_size"])), int(str(drawn["per_device_train_batch_size"]))
    assert values["gradient_accumulation_steps"] == max(1, batch // (each * processes))
    assert ("adam_beta2" in values) == ("adam_beta1" in drawn)
    assert {name: values[name] for name in drawn} == drawn


def test_the_inputs_of_a_formula_are_its_names() -> None:
    assert inputs_of(SPACE.derived[1]) == {"var.effective_batch_size", "per_device_train_batch_size"}


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("1 / 0", "weight_decay: the formula divides by zero"),
        ("open('x')", "weight_decay: the formula cannot be computed"),
        ("10 ** 1000000", "weight_decay: the formula gives a number that is too large"),
        ("'a' * 3", "weight_decay: the formula gives no number"),
        ("log(-1)", "weight_decay: the formula cannot be computed"),
        ("1 +", "weight_decay: the formula cannot be read"),
        ("().__class__", "weight_decay: the formula"),
        ("9 ** 9 ** 9 ** 9", "weight_decay: the formula gives a number that is too large"),
        ("1 << 9", "weight_decay: the formula cannot be computed"),
        ("-" * 499 + "1", "weight_decay: the formula"),
        ("(" * 250 + "1" + ")" * 249, "weight_decay: the formula cannot be read"),
    ],
)
def test_a_formula_that_fails_is_a_sentence(formula: str, said: str) -> None:
    space = SearchSpace(parameters=(), derived=(Formula(name="weight_decay", formula=formula),))
    drawn: dict[str, Scalar] = {}
    with pytest.raises(ValueError, match=r"weight_decay: the formula") as error:
        resolved(space, drawn)
    assert said in str(error.value)
