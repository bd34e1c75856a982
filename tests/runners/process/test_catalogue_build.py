"""The catalogue is that of the installed versions, and says what it must."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from transformers import TrainingArguments
from transformers.trainer_utils import default_hp_space_optuna

import runners.protocol.catalogue as package
from runners.process.catalogue_build.build import build, to_json
from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.values import check_parameter, typed
from runners.protocol.space import place_of


def test_it_is_up_to_date() -> None:
    written = files(package).joinpath(package.FILE_NAME).read_text()
    assert written == to_json(build()), "run python -m runners.process.catalogue_build"


def test_every_field_has_help_and_every_refusal_a_reason() -> None:
    known = catalogue()
    every = [
        *known.arguments,
        *(f for m in known.model_types for f in m.fields),
        *(f for t in known.tasks for f in t.settings),
    ]
    for field in every:
        assert field.help, field.name
        assert field.group, field.name
        assert field.searchable == (not field.reason), field.name
        assert field.searchable == (field.proposal is not None), field.name
    assert all(known.managed.values())


def test_defaults_and_proposals_suit_their_own_fields(tmp_path: Path) -> None:
    known = catalogue()
    for field in known.arguments:
        typed(field, field.default)
        if field.proposal is not None:
            check_parameter(field, field.proposal)
    defaults: dict[str, Any] = {field.name: field.default for field in known.arguments}
    made = TrainingArguments(output_dir=str(tmp_path), use_cpu=True, **defaults)
    plain = TrainingArguments(output_dir=str(tmp_path), use_cpu=True)
    assert {name: getattr(made, name) for name in defaults} == {name: getattr(plain, name) for name in defaults}
    for model_type in known.model_types:
        for field in model_type.fields:
            typed(field, field.default)
            if field.proposal is not None:
                check_parameter(field, field.proposal)
                assert field.proposal.name == f"model.{field.name}"


def test_presets_act_in_every_task() -> None:
    for preset in catalogue().presets:
        for task in catalogue().tasks:
            for row in preset.space.parameters:
                field = catalogue().field(row.name, task=task.name, model_type=None)
                assert field is not None, row.name
                check_parameter(field, row)
                assert place_of(row.name) == "arguments"


def test_the_first_preset_is_what_transformers_searches() -> None:
    class Trial:
        def __init__(self) -> None:
            self.rows: list[tuple[Scalar, ...]] = []

        def suggest_float(self, name: str, low: float, high: float, log: bool) -> None:
            self.rows.append((name, low, high, log))

        def suggest_int(self, name: str, low: int, high: int) -> None:
            self.rows.append((name, low, high))

        def suggest_categorical(self, name: str, choices: list[Scalar]) -> None:
            self.rows.append((name, *choices))

    trial = Trial()
    default_hp_space_optuna(trial)
    rows = catalogue().presets[0].space.parameters
    ours = [
        (row.name, row.low, row.high, row.log)
        if row.type == "float"
        else (row.name, *row.choices)
        if row.type == "categorical"
        else (row.name, row.low, row.high)
        for row in rows
    ]
    assert ours == trial.rows
