"""Rows of a space: each refusal stands at its field and says how to mend it."""

from typing import Any

import pytest

from runners.protocol.spec import ConfigModel, HubModel
from sweeps.validation.space import check_rows

LR = {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-3}
BATCH = {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16]}
EPOCHS = {"type": "float", "name": "num_train_epochs", "low": 1, "high": 2}

BAD: list[tuple[dict[str, Any], str, str]] = [
    (LR | {"name": ""}, "name", "Choose what to search."),
    (LR | {"name": "a b"}, "name", "no parameter's name"),
    (LR | {"name": 7}, "name", "Choose what to search."),
    (LR | {"name": "learning_rte"}, "name", "Did you mean learning_rate?"),
    (LR | {"name": "hidden_dropout_prob"}, "name", "Did you mean model.hidden_dropout_prob?"),
    (LR | {"name": "model.learning_rate"}, "name", "Did you mean learning_rate?"),
    (LR | {"name": "output_dir"}, "name", "output_dir can't be searched: hpweb sets it itself."),
    (LR | {"name": "bf16"}, "name", "precision cannot change between the trials"),
    (LR | {"name": "data.max_len"}, "name", "Did you mean data.max_length?"),
    (LR | {"type": "uniform"}, "type", "Choose float, int or categorical."),
    (
        LR | {"name": "per_device_train_batch_size", "low": 4, "high": 8},
        "type",
        "is a whole number: choose int or categorical",
    ),
    (LR | {"name": "optim"}, "type", "one of a set of words: choose categorical"),
    (LR | {"low": None}, "low", "Give low."),
    (LR | {"high": ""}, "high", "Give high."),
    (LR | {"low": "x"}, "low", "low must be a number."),
    (LR | {"low": True}, "low", "low must be a number."),
    (LR | {"high": float("inf")}, "high", "finite"),
    (LR | {"high": 10**400}, "high", "finite"),
    (LR | {"low": -1}, "low", "learning_rate must be 0 or more, not -1."),
    (LR | {"low": 1e-2}, "high", "high 0.001 is below low 0.01: swap them."),
    (LR | {"low": 0, "log": True}, "low", "A log scale needs low above 0, not 0."),
    (LR | {"log": "yes"}, "log", "true or false"),
    (LR | {"log": True, "step": 1e-5}, "step", "A log scale takes no step"),
    (EPOCHS | {"step": 0.3}, "step", "make high 1.9 or 2.2, or change the step."),
    (EPOCHS | {"step": 5}, "step", "step 5 is larger than high - low = 1."),
    (EPOCHS | {"step": -1}, "step", "step must be above 0, not -1."),
    (
        {"type": "int", "name": "gradient_accumulation_steps", "low": 1.5, "high": 4},
        "low",
        "whole number in an int row, not 1.5.",
    ),
    ({"type": "int", "name": "gradient_accumulation_steps", "low": 0, "high": 4}, "low", "must be 1 or more, not 0."),
    (
        {"type": "int", "name": "gradient_accumulation_steps", "low": 1, "high": 4, "step": 2},
        "step",
        "make high 3 or 5",
    ),
    (BATCH | {"choices": []}, "choices", "Give at least one choice."),
    (BATCH | {"choices": None}, "choices", "Give at least one choice."),
    (BATCH | {"choices": [0, 8]}, "choices", "must be 1 or more, not 0."),
    (BATCH | {"choices": ["8"]}, "choices", "must be a number, not text."),
    (BATCH | {"choices": [8, 8]}, "choices", "8 is listed twice."),
    (BATCH | {"choices": [8, 8.0]}, "choices", "8 is listed twice."),
    (BATCH | {"choices": [[8]]}, "choices", "a text, a number, true, false or none"),
    (BATCH | {"choices": list(range(1, 300))}, "choices", "299 choices are too many"),
    ({"type": "categorical", "name": "optim", "choices": ["adamm"]}, "choices", "Did you mean adamw_torch?"),
    (
        {"type": "categorical", "name": "dataloader_drop_last", "choices": ["true"]},
        "choices",
        "true or false, not text",
    ),
]


@pytest.mark.parametrize(
    ("row", "place", "sentence"), BAD, ids=[f"{index}-{place}" for index, (_, place, _) in enumerate(BAD)]
)
def test_a_bad_row_is_refused_at_its_field(row: dict[str, Any], place: str, sentence: str) -> None:
    space, problems = check_rows([row])
    assert space is None
    assert [problem.path for problem in problems] == [f"parameters.0.{place}"]
    assert sentence in problems[0].message


def test_good_rows_are_typed_by_the_catalogue() -> None:
    rows: list[dict[str, Any]] = [
        {"type": "float", "name": "weight_decay", "low": 0, "high": 1, "step": 0.25},
        {"type": "categorical", "name": "warmup_steps", "choices": [0, 0.1]},
        {"type": "int", "name": "num_train_epochs", "low": 1, "high": 5, "step": 1, "log": True},
        {"type": "categorical", "name": "model.classifier_dropout", "choices": [None, 0.5]},
    ]
    space, problems = check_rows(rows, task="text-classification")
    assert problems == []
    assert space is not None
    decay, warmup, epochs, dropout = space.parameters
    assert (decay.type, type(getattr(decay, "low"))) == ("float", float)  # noqa: B009
    assert [(type(choice), choice) for choice in getattr(warmup, "choices")] == [(float, 0.0), (float, 0.1)]  # noqa: B009
    assert epochs.model_dump(exclude={"when"}) == {
        "type": "int",
        "name": "num_train_epochs",
        "low": 1,
        "high": 5,
        "log": True,
        "step": 1,
    }
    assert dropout.model_dump()["choices"] == (None, 0.5)


def test_a_name_stands_once() -> None:
    _, problems = check_rows([LR, BATCH, LR])
    assert [(problem.path, problem.message) for problem in problems] == [
        ("parameters.2.name", "learning_rate stands in row 1 already: remove one of the two.")
    ]


def test_a_space_has_one_row_and_at_most_a_hundred() -> None:
    assert check_rows([])[1][0].message == "Add at least one parameter to search."
    assert "101 parameters are too many" in check_rows([LR] * 101)[1][0].message


@pytest.mark.parametrize(
    ("task", "source", "name", "sentence"),
    [
        ("image-classification", None, "data.max_length", "image classification has no such data setting"),
        ("text-classification", None, "model.patch_size", "acts nowhere"),
        (
            "text-classification",
            ConfigModel(model_type="distilbert"),
            "model.hidden_size",
            "DistilBERT has no such config field",
        ),
        ("text-classification", HubModel(id="a/b"), "model.hidden_size", "changes the shapes of the weights"),
    ],
)
def test_a_name_that_acts_nowhere_for_this_task_or_model(task: str, source: Any, name: str, sentence: str) -> None:
    _, problems = check_rows([{"type": "int", "name": name, "low": 16, "high": 32}], task=task, source=source)
    assert sentence in problems[0].message


def test_pretrained_weights_allow_dropout() -> None:
    row = {"type": "float", "name": "model.hidden_dropout_prob", "low": 0, "high": 0.5}
    assert check_rows([row], task="text-classification", source=HubModel(id="a/b"))[1] == []
