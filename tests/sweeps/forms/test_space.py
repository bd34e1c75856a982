"""The space's form: rows as typed, round trips, buttons."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runners.protocol.catalogue import catalogue
from runners.protocol.space import SearchSpace
from sweeps.forms.space import SpacePage, picker
from sweeps.forms.space_rows import join_choices, proposed, row_json, split_choices
from sweeps.validation.known import offers
from sweeps.validation.space import check_rows
from teams.models import Team

TEXT = "text-classification"


def typed(*rows: dict[str, str], **fields: str) -> dict[str, str]:
    data = {"name": "S", "task": "", "rows": str(len(rows)), **fields}
    for index, row in enumerate(rows):
        data |= {f"row-{index}-{column}": text for column, text in row.items()}
    return data


def page(data: dict[str, str]) -> SpacePage:
    return SpacePage.typed(data, team=Team(pk=1))


LR = {"name": "learning_rate", "type": "float", "low": "1e-5", "high": "1e-3"}

BAD: list[tuple[dict[str, str], str, str]] = [
    (LR | {"low": "abc"}, "low", "low must be a number."),
    (LR | {"low": "nan"}, "low", "finite"),
    (LR | {"low": "1e999"}, "low", "finite"),
    (LR | {"low": "-1"}, "low", "0 or more"),
    (LR | {"low": "0", "log": "on"}, "low", "A log scale needs low above 0"),
    (LR | {"high": "0"}, "high", "swap them"),
    (LR | {"step": "0.0003"}, "step", "does not divide"),
    (LR | {"name": "lerning_rate"}, "name", "Did you mean learning_rate?"),
    (LR | {"name": "\x00"}, "name", "Null characters"),
    (LR | {"type": ""}, "type", "Choose float"),
    ({"name": "optim", "type": "categorical", "choices": "adamm"}, "choices", "Did you mean adamw_torch?"),
    ({"name": "optim", "type": "categorical", "choices": " , ,"}, "choices", "at least one choice"),
    ({"name": "per_device_train_batch_size", "type": "categorical", "choices": "8, 0"}, "choices", "1 or more, not 0"),
    (
        {"name": "per_device_train_batch_size", "type": "categorical", "choices": "8, x"},
        "choices",
        "a number, not text",
    ),
    ({"name": "per_device_train_batch_size", "type": "int", "low": "1.5", "high": "4"}, "low", "whole number"),
    ({"name": "dataloader_drop_last", "type": "categorical", "choices": "maybe"}, "choices", "true or false"),
]


@pytest.mark.parametrize(("row", "column", "sentence"), BAD)
def test_a_bad_row_shows_its_sentence_and_keeps_what_was_typed(row: dict[str, str], column: str, sentence: str) -> None:
    judged = page(typed(row))
    assert judged.judge() is None
    (form,) = judged.rows
    assert list(form.errors) == [column]
    assert sentence in form.errors[column][0]
    for name, text in row.items():
        assert form[name].value() == (True if name == "log" else text or None) or form[name].value() == text


@pytest.mark.parametrize("preset", catalogue().presets, ids=lambda preset: preset.name)
def test_a_preset_read_back_from_its_form_is_the_same(preset: Any) -> None:
    assert read_back(preset.space) == preset.space


def read_back(space: SearchSpace, task: str = "") -> SearchSpace | None:
    """Through the page that its edit form shows: each control's value sent back as it stands."""
    shown = SpacePage.of(space, {"name": "S", "task": task}, team=Team(pk=1))
    data: dict[str, Any] = {
        "name": "S",
        "task": task,
        "rows": str(len(shown.rows)),
        "formulas": str(len(shown.formulas)),
    }
    for form in (*shown.rows, *shown.formulas):
        data |= {field.html_name: field.value() for field in form if field.value()}
        data |= {field.html_name: "" for field in form if field.name.startswith("cell") and not field.value()}
    sent = SpacePage.typed({name: "on" if value is True else value for name, value in data.items()}, team=Team(pk=1))
    found = sent.judge()
    assert not sent.refused
    return found


COUPLED = SearchSpace.model_validate(
    {
        "parameters": [
            {"type": "categorical", "name": "optim", "choices": ["adafactor", "sgd"]},
            {
                "type": "float",
                "name": "adam_beta1",
                "low": 0.8,
                "high": 0.9,
                "when": {"name": "optim", "values": ["sgd"]},
            },
            {"type": "categorical", "name": "var.size", "choices": ["small", "large, wide", "none of both"]},
            {"type": "int", "name": "var.batch", "low": 32, "high": 128, "step": 32},
            {
                "type": "categorical",
                "name": "dataloader_drop_last",
                "choices": [True, False],
                "when": {"name": "var.batch", "values": [32, 64]},
            },
        ],
        "derived": [
            {"type": "lookup", "name": "model.hidden_size", "of": "var.size", "values": [64, 256, 128]},
            {"type": "lookup", "name": "model.hidden_dropout_prob", "of": "var.size", "values": [0.0, 0.1, 0.2]},
            {"type": "formula", "name": "model.intermediate_size", "formula": "4 * model.hidden_size"},
            {"type": "formula", "name": "gradient_accumulation_steps", "formula": "var.batch // 32"},
        ],
    }
)


def test_conditions_coupled_choices_and_formulas_survive_the_form() -> None:
    assert read_back(COUPLED, TEXT) == COUPLED


BATCH = {"name": "per_device_train_batch_size", "type": "categorical", "choices": "8, 16"}
SIZE = {
    "name": "var.size",
    "type": "coupled",
    "head-1": "model.hidden_size",
    "head-2": "",
    "head-3": "weight_decay",
    "cell-0-0": "small",
    "cell-0-1": "64",
    "cell-0-3": "0",
    "cell-1-0": "large",
    "cell-1-1": "128",
    "cell-1-3": "0.1",
    "cell-2-0": "",
}


def test_empty_lines_and_columns_of_coupled_choices_are_dropped() -> None:
    judged = page(typed(SIZE, task=TEXT))
    space = judged.judge()
    assert not judged.refused
    assert space is not None
    assert space.parameters[0].model_dump()["choices"] == ("small", "large")
    assert [row.model_dump()["values"] for row in space.derived] == [(64, 128), (0.0, 0.1)]


@pytest.mark.parametrize(
    ("change", "control", "sentence"),
    [
        ({"cell-1-3": "-1"}, "head-3", "For large: weight_decay must be 0 or more"),
        ({"cell-1-1": ""}, "head-1", "For large: "),
        ({"head-3": "weight_decai"}, "head-3", "Did you mean weight_decay?"),
        ({"cell-1-0": "small"}, "cell-0-0", "small is listed twice."),
        ({"head-1": "", "head-3": ""}, "head-1", "Choose what the value is for."),
        ({"name": ""}, "name", "Choose what to search."),
        ({"when_name": "optim", "when_values": "sgd"}, "when_name", "optim is no row above"),
    ],
)
def test_what_is_wrong_with_coupled_choices_stands_at_its_cell(
    change: dict[str, str], control: str, sentence: str
) -> None:
    judged = page(typed(SIZE | change, task=TEXT))
    assert judged.judge() is None
    assert sentence in judged.rows[0].errors[control][0]


def test_what_is_wrong_with_a_formula_stands_beside_it_and_a_warning_refuses_nothing() -> None:
    formula = {"formula-0-name": "gradient_accumulation_steps", "formulas": "1"}
    judged = page(typed(BATCH, **formula, **{"formula-0-formula": "var.x"}))
    assert judged.judge() is None
    assert "var.x is no row of this space" in judged.formulas[0].errors["formula"][0]
    judged = page(typed(BATCH, **formula, **{"formula-0-formula": "8 // per_device_train_batch_size"}))
    assert judged.judge() is not None
    assert not judged.refused
    assert judged.formulas[0].warnings["formula"][0].endswith("Such trials fail.")


def test_buttons_make_coupled_choices_and_an_effective_batch_size() -> None:
    coupled = page(typed(LR)).act("couple")
    assert [row.kind for row in coupled.rows] == ["float", "coupled"]
    assert coupled.rows[1].table is not None
    wider = coupled.act("column:1").act("line:1").rows[1]
    assert (len(wider.heads), len(wider.lines)) == (3, 3)
    batch = page(typed(LR)).act("batch")
    assert [raw["name"] for raw in batch.raws] == [
        "learning_rate",
        "per_device_train_batch_size",
        "var.effective_batch_size",
    ]
    assert batch.judge() is not None
    # Once more changes nothing.
    assert batch.act("batch").raws == batch.raws
    assert batch.act("batch").raw_formulas == batch.raw_formulas
    assert batch.act("formula").act("formula-up:1").raw_formulas[1]["name"] == "gradient_accumulation_steps"
    assert batch.act("formula-remove:0").raw_formulas == []
    assert batch.act("formula-remove:7").raw_formulas == batch.raw_formulas


@pytest.mark.parametrize("task", [task.name for task in catalogue().tasks])
def test_every_proposal_is_right(task: str) -> None:
    names = [offer.name for offer in offers(task=task) if offer.searchable]
    assert len(names) > 20
    space, problems = check_rows([row_json(proposed(name, task), task=task) for name in names], task=task)
    assert problems == []
    assert space is not None
    assert [parameter.name for parameter in space.parameters] == names


@given(st.lists(st.one_of(st.text(min_size=1), st.integers(), st.booleans(), st.none()), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_choices_survive_being_typed(choices: list[Any]) -> None:
    texts = [str(choice).strip() for choice in choices if isinstance(choice, str)]
    if any(not text or "\x00" in text or "\n" in text or "\r" in text for text in texts):
        return
    words = [choice.strip() if isinstance(choice, str) else choice for choice in choices]
    expected = [
        "none" if word is None else str(word).lower() if isinstance(word, bool) else str(word) for word in words
    ]
    assert split_choices(join_choices(words)) == expected


def test_buttons_move_copy_remove_and_add_rows() -> None:
    rows = page(typed(LR, LR | {"name": "weight_decay"}))

    def names(acted: SpacePage) -> list[str]:
        return [raw["name"] for raw in acted.raws]

    assert names(rows.act("up:1")) == ["weight_decay", "learning_rate"]
    assert names(rows.act("down:1")) == ["learning_rate", "weight_decay"]
    assert names(rows.act("copy:0")) == ["learning_rate", "learning_rate", "weight_decay"]
    assert names(rows.act("remove:0")) == ["weight_decay"]
    assert rows.act("add", "optim").raws[-1]["choices"] == "adamw_torch_fused, adafactor, sgd"
    assert names(rows.act("add")) == ["learning_rate", "weight_decay", ""]
    assert names(rows.act("dance:7")) == ["learning_rate", "weight_decay"]
    assert rows.act("propose:1").raws[1]["high"] == "0.3"


def test_blank_rows_are_left_out_and_errors_stay_at_their_row() -> None:
    judged = page(typed({"type": "float"}, LR, LR))
    assert judged.judge() is None
    assert [dict(row.errors) for row in judged.rows] == [
        {},
        {},
        {"name": ["learning_rate stands in row 1 already: remove one of the two."]},
    ]


def test_the_picker_says_why_a_name_cannot_be_searched() -> None:
    groups = dict(picker(TEXT))
    assert list(groups) == ["Training arguments", "Model config", "Data settings", "Adapters (LoRA)"]
    reasons = {offer.name: offer.field.reason for offer in groups["Training arguments"] if not offer.searchable}
    assert reasons["bf16"] == "precision cannot change between the trials of one process."
    assert [offer.name for offer in groups["Data settings"]] == ["data.max_length", "data.train_fraction"]
