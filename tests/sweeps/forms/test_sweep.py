"""The sweep's form: what it reads, refuses and shows again."""

from typing import Any

import pytest

from runners.protocol.space import SearchSpace
from sweeps.forms.sweep import SweepForm
from sweeps.forms.sweep_data import NEW_DRAFT, draft_data
from sweeps.validation.draft import Draft
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, ROWS, make_model, make_space, make_version

BASE = {"name": "S", **draft_data(NEW_DRAFT)}

BAD: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "name", "required"),
    ({"model": "nosuchmodel1"}, "model", "valid choice"),
    ({"dataset_version": "x"}, "dataset_version", "valid choice"),
    ({"space": "own"}, "space", "valid choice"),
    ({"metric": "eval_bleu"}, "metric", "valid choice"),
    ({"direction": "sideways"}, "direction", "valid choice"),
    ({"sampler": "cma"}, "sampler", "valid choice"),
    ({"pruner": "hyperband"}, "pruner", "valid choice"),
    ({"sampler-tpe-n_startup_trials": "-1"}, "sampler-tpe-n_startup_trials", "0 or more"),
    ({"sampler-tpe-multivariate": "maybe"}, "sampler-tpe-multivariate", "true or false"),
    ({"pruner": "median", "pruner-median-interval_steps": "0"}, "pruner-median-interval_steps", "1 or more"),
    ({"n_trials": "0"}, "n_trials", "1"),
    ({"n_trials": "many"}, "n_trials", "whole number"),
    ({"timeout_minutes": "-5"}, "timeout_minutes", "0.01"),
    ({"timeout_minutes": "nan"}, "timeout_minutes", "number"),
    ({"max_failed_trials": "0"}, "max_failed_trials", "1"),
    ({"seed": "-1"}, "seed", "0"),
    ({"seed": "4294967296"}, "seed", "4294967295"),
    ({"sampler_seed": ""}, "sampler_seed", "required"),
    ({"threads": "0"}, "threads", "1"),
    ({"children": "65"}, "children", "64"),
    ({"arg-learning_rate": "-1"}, "arg-learning_rate", "0 or more"),
    ({"arg-optim": "adamm"}, "arg-optim", "Did you mean adamw_torch?"),
    ({"arg-per_device_train_batch_size": "0"}, "arg-per_device_train_batch_size", "1 or more"),
    ({"arg-per_device_train_batch_size": "8.5"}, "arg-per_device_train_batch_size", "whole number"),
    ({"arg-bf16": "perhaps"}, "arg-bf16", "true or false"),
    ({"arg-lr_scheduler_kwargs": "{x"}, "arg-lr_scheduler_kwargs", "must be JSON"),
    ({"arg-lr_scheduler_kwargs": '{"a": {"b": 1}}'}, "arg-lr_scheduler_kwargs", "single values"),
    ({"data-max_length": "4"}, "data-max_length", "8 or more"),
    ({"data-train_fraction": "two"}, "data-train_fraction", "must be a number"),
]


@pytest.mark.parametrize(("changes", "field", "sentence"), BAD)
def test_a_bad_sweep_shows_its_sentence_and_keeps_what_was_typed(
    cast: Cast, changes: dict[str, str], field: str, sentence: str
) -> None:
    form = SweepForm(BASE | changes, team=cast.team)
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]
    assert form[field].value() == changes[field]


def test_parts_of_another_team_are_no_choice(cast: Cast) -> None:
    model = make_model(cast.other)
    assert list(SweepForm(BASE | {"model": model.public_id}, team=cast.team).errors) == ["model"]


DRAFTS: list[dict[str, Any]] = [
    {},
    {"backend": {"name": "optuna", "sampler": {"name": "random"}, "pruner": {"name": "median", "options": {"n_startup_trials": 3}}}},
    {
        "backend": {
            "sampler": {"name": "tpe", "options": {"multivariate": None, "constant_liar": False, "n_ei_candidates": 5}}
        }
    },
    {"budget": {"n_trials": None, "timeout_s": 100.0, "max_failed_trials": 2}},
    {"objectives": [{"metric": "eval_loss", "direction": "maximize"}]},
    {
        "arguments": {
            "learning_rate": 1e-5,
            "optim": "sgd",
            "bf16": False,
            "max_steps": 10,
            "lr_scheduler_kwargs": {"num_cycles": 2},
            "neftune_noise_alpha": 0.1,
            "eval_steps": 0.5,
        },
        "data_settings": {"max_length": 64, "train_fraction": 0.5},
    },
    {"seed": 0, "sampler_seed": 2**32 - 1, "threads": 2, "children": 3, "keep_best": False},
    {"space": {"parameters": ROWS}},
    {"objectives": []},
]


@pytest.mark.parametrize("changes", DRAFTS)
def test_a_draft_read_back_from_its_form_is_the_same(cast: Cast, changes: dict[str, Any]) -> None:
    model, version, space = make_model(cast.team), make_version(cast.team), make_space(cast.team)
    draft = Draft.model_validate({**DRAFT.model_dump(mode="json"), "arguments": {}, **changes})
    own = SearchSpace.model_validate(changes["space"]) if "space" in changes else None
    data = {
        "name": "S",
        **draft_data(draft),
        "model": model.public_id,
        "dataset_version": version.public_id,
        "space": "own" if own else space.public_id,
    }
    form = SweepForm(data, team=cast.team, own_space=own)
    assert form.errors == {}
    assert form.cleaned_data["draft"] == draft
    chosen = (form.cleaned_data["model"], form.cleaned_data["dataset_version"], form.cleaned_data["space"])
    assert chosen == (model, version, None if own else space)


def test_sending_the_form_as_it_was_shown_is_right(cast: Cast) -> None:
    shown = SweepForm(team=cast.team, initial=BASE | {"pruner": "median"})
    sent = {field.html_name: field.value() for field in shown if field.value() not in (None, False)}
    form = SweepForm(sent, team=cast.team)
    assert form.errors == {}
    assert form.cleaned_data["draft"].arguments == NEW_DRAFT.arguments
    assert form.cleaned_data["draft"].backend.pruner.options == {}


def test_the_direction_is_the_metrics_own_unless_it_is_chosen(cast: Cast) -> None:
    for metric, direction, expected in (
        ("eval_loss", "", "minimize"),
        ("eval_accuracy", "", "maximize"),
        ("eval_accuracy", "minimize", "minimize"),
    ):
        form = SweepForm(BASE | {"metric": metric, "direction": direction}, team=cast.team)
        assert form.is_valid()
        assert form.cleaned_data["draft"].objectives[0].direction == expected


def test_fields_follow_the_parts_and_keep_what_was_typed(cast: Cast) -> None:
    model = make_model(
        cast.team, "image-classification", source={"source": "hub", "id": "a"}, processor={"source": "model"}
    )
    form = SweepForm(BASE | {"model": model.public_id, "n_trials": "abc", "pruner": "median"}, team=cast.team).anew()
    assert "data-image_size" in form.fields
    assert "data-max_length" not in form.fields
    assert "pruner-median-n_startup_trials" in form.fields
    assert form["n_trials"].value() == "abc"
    assert form.errors == {}
    assert form["keep_best"].value() is True
