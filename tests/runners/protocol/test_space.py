"""The search space's checks: what is refused, and the sentence it is refused with."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    Place,
    SearchSpace,
    field_of,
    place_of,
)

adapter: TypeAdapter[Any] = TypeAdapter(Parameter)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"type": "float", "low": 1, "high": 0.5}, "low 1 is above high 0.5."),
        ({"type": "float", "low": 0, "high": 1, "log": True}, "a log scale needs low above 0, not 0."),
        ({"type": "float", "low": -1, "high": 1, "log": True}, "a log scale needs low above 0, not -1."),
        ({"type": "float", "low": 0.1, "high": 1, "log": True, "step": 0.1}, "log and step exclude each other."),
        ({"type": "float", "low": 0, "high": 1, "step": 0.3}, "step 0.3 does not divide high - low = 1."),
        ({"type": "float", "low": 0, "high": 1, "step": 0}, "step must be above 0."),
        ({"type": "float", "low": 0, "high": "inf"}, "high must be a finite number."),
        ({"type": "float", "low": "nan", "high": 1}, "low must be a finite number."),
        ({"type": "int", "low": 1, "high": 10, "step": 4}, "step 4 does not divide high - low = 9."),
        ({"type": "int", "low": 1, "high": 9, "step": -2}, "step must be above 0."),
        ({"type": "int", "low": 1, "high": 9, "step": 2, "log": True}, "log and step exclude each other."),
        ({"type": "int", "low": 1.5, "high": 9}, "valid integer"),
        ({"type": "categorical", "choices": []}, "at least one choice is needed."),
        ({"type": "categorical", "choices": [8, 8]}, "a choice is listed twice."),
        ({"type": "categorical", "choices": [float("inf")]}, "choices must be finite."),
        ({"type": "uniform", "low": 0, "high": 1}, "does not match any of the expected tags"),
    ],
)
def test_a_bad_row_is_refused_with_a_sentence(row: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python({"name": "learning_rate", **row})
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["", "model.", "peft.r", "a b", "model.a.b", "../x", "1x"])
def test_a_name_that_can_act_nowhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        FloatParameter(name=name, low=0, high=1)


def test_choices_of_different_types_differ() -> None:
    parameter = CategoricalParameter(name="x", choices=(8, "8", 8.5, True, None))
    assert parameter.choices == (8, "8", 8.5, True, None)
    assert [type(choice) for choice in parameter.choices] == [int, str, float, bool, type(None)]
    again = CategoricalParameter.model_validate_json(parameter.model_dump_json())
    assert [type(choice) for choice in again.choices] == [int, str, float, bool, type(None)]


def test_one_and_true_are_two_choices() -> None:
    assert CategoricalParameter(name="x", choices=(1, True)).choices == (1, True)


def test_a_name_says_where_it_acts() -> None:
    assert [place_of(n) for n in ("learning_rate", "model.hidden_size", "data.max_length")] == [
        Place.ARGUMENTS,
        Place.MODEL,
        Place.DATA,
    ]
    assert field_of("model.hidden_size") == "hidden_size"
    assert field_of("learning_rate") == "learning_rate"


def test_a_parameter_stands_once() -> None:
    row = IntParameter(name="x", low=1, high=2)
    with pytest.raises(ValidationError, match="x: a parameter may stand in a space once"):
        SearchSpace(parameters=(row, row))


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ((), 1),
        ((IntParameter(name="a", low=1, high=5, step=2),), 3),
        ((IntParameter(name="a", low=1, high=5), CategoricalParameter(name="b", choices=("x", "y"))), 10),
        ((FloatParameter(name="a", low=0, high=0.3, step=0.1),), 4),
        ((FloatParameter(name="a", low=0, high=1),), None),
        ((FloatParameter(name="a", low=1, high=1),), 1),
    ],
)
def test_combinations_are_counted_where_finite(rows: tuple[Any, ...], count: int | None) -> None:
    assert SearchSpace(parameters=rows).combinations() == count


def test_conditions_and_lookups_must_name_rows_that_are_there() -> None:
    words = {"type": "categorical", "name": "optim", "choices": ["adafactor", "sgd"]}
    beta = {
        "type": "float",
        "name": "adam_beta1",
        "low": 0.8,
        "high": 0.9,
        "when": {"name": "optim", "values": ["sgd"]},
    }
    SearchSpace.model_validate({"parameters": [words, beta]})
    with pytest.raises(ValidationError, match="adam_beta1: its condition names optim, which is no earlier row"):
        SearchSpace.model_validate({"parameters": [beta, words]})
    lookup = {"type": "lookup", "name": "weight_decay", "of": "optim", "values": [0.1]}
    with pytest.raises(ValidationError, match="weight_decay has 1 values for 2 choices of optim"):
        SearchSpace.model_validate({"parameters": [words], "derived": [lookup]})


@pytest.mark.parametrize(
    ("when", "count"),
    [
        (None, 3 * 4 * 2),
        ({"name": "optim", "values": ["a"]}, 4 * 2 + 2 * 2),
        ({"name": "optim", "values": ["a", "b"]}, 2 * 4 * 2 + 2),
        ({"name": "optim", "values": ["nobody"]}, 3 * 2),
    ],
)
def test_combinations_count_rows_with_a_condition_where_they_act(when: dict[str, object] | None, count: int) -> None:
    rows = [
        {"type": "categorical", "name": "optim", "choices": ["a", "b", "c"]},
        {"type": "int", "name": "x", "low": 1, "high": 4, "when": when},
        {"type": "categorical", "name": "y", "choices": [True, False]},
    ]
    assert SearchSpace.model_validate({"parameters": rows}).combinations() == count


def test_combinations_of_conditions_upon_conditions() -> None:
    rows = [
        {"type": "int", "name": "a", "low": 0, "high": 10**9},
        {"type": "int", "name": "b", "low": 0, "high": 2, "when": {"name": "a", "values": [5]}},
        {"type": "int", "name": "c", "low": 0, "high": 1, "when": {"name": "b", "values": [1, 2]}},
    ]
    # a = 5: b = 0 alone, b = 1 or 2 with two values of c each.
    assert SearchSpace.model_validate({"parameters": rows}).combinations() == 10**9 + 1 + 2 * 2
