"""Values against the catalogue."""

import pytest

from runners.protocol.catalogue import Field, catalogue
from runners.protocol.catalogue.values import check_parameter, typed
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, Parameter
from runners.protocol.spec import FieldValue

ARGUMENTS = catalogue().arguments_by_name


def test_whole_numbers_become_floats_where_floats_belong() -> None:
    value = typed(ARGUMENTS["weight_decay"], 0)
    assert (value, type(value)) == (0.0, float)
    steps = typed(ARGUMENTS["max_steps"], 5.0)
    assert (steps, type(steps)) == (5, int)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("learning_rate", "0.1", "learning_rate must be a number, not text."),
        ("learning_rate", -1, "must be 0 or more, not -1"),
        ("learning_rate", float("nan"), "must be a finite number"),
        ("learning_rate", True, "must be a number, not true/false"),
        ("learning_rate", None, "needs a value"),
        ("learning_rate", [1], "must be a single value"),
        ("per_device_train_batch_size", 8.5, "must be a whole number, not 8.5"),
        ("dataloader_drop_last", "False", "must be true or false, not text"),
        ("lr_scheduler_type", "quadratic", "cannot be 'quadratic'. Choices: linear,"),
        ("lr_scheduler_kwargs", 3, "must be a set of names and values"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(name: str, value: FieldValue, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        typed(ARGUMENTS[name], value)
    assert name in str(refused.value)


def test_nothing_is_a_value_where_the_library_allows_it() -> None:
    assert typed(ARGUMENTS["data_seed"], None) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (IntParameter(name="max_steps", low=1, high=9), "cannot be searched: search num_train_epochs"),
        (FloatParameter(name="per_device_train_batch_size", low=1, high=9), "takes whole numbers"),
        (FloatParameter(name="lr_scheduler_type", low=1, high=9), "takes choices, not a range"),
        (CategoricalParameter(name="lr_scheduler_type", choices=("linear", "x")), "cannot be 'x'"),
        (FloatParameter(name="adam_beta1", low=0.5, high=1.0), "0.9999 or less"),
        (CategoricalParameter(name="learning_rate", choices=(0.1, "0.2")), "must be a number, not text"),
    ],
)
def test_a_row_that_does_not_suit_its_field_is_refused(row: Parameter, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_parameter(ARGUMENTS[row.name], row)


def test_whole_numbers_may_be_searched_where_floats_belong() -> None:
    check_parameter(ARGUMENTS["num_train_epochs"], IntParameter(name="num_train_epochs", low=1, high=5))


@pytest.mark.parametrize(
    ("parameter", "task", "model_type", "found"),
    [
        ("learning_rate", "text-classification", None, True),
        ("model.dim", "text-classification", "distilbert", True),
        ("model.dim", "text-classification", "bert", False),
        ("model.dim", "text-classification", None, True),
        ("model.dim", "image-classification", None, False),
        ("data.max_length", "text-classification", None, True),
        ("data.max_length", "image-classification", None, False),
        ("warmup_ratio", "text-classification", None, False),
        ("data.x", "no-task", None, False),
        ("model.x", "no-task", None, False),
    ],
)
def test_a_parameter_acts_somewhere_or_nowhere(parameter: str, task: str, model_type: str | None, found: bool) -> None:
    field = catalogue().field(parameter, task=task, model_type=model_type)
    assert isinstance(field, Field) == found
