"""The sweep's form: what it reads, refuses and shows again."""

from typing import Any

import pytest

from runners.protocol.space import SearchSpace
from sweeps.forms.sweep import SweepForm
from sweeps.forms.sweep_data import NEW_DRAFT, draft_data
from sweeps.validation.draft import Draft
from teams.connections import keep_secret
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, ROWS, make_model, make_space, make_version

BASE: dict[str, Any] = {"name": "S", **draft_data(NEW_DRAFT)}


def shown(backend: str) -> dict[str, Any]:
    """What the form of a new sweep holds with this backend."""
    return {"name": "S", **draft_data(Draft.model_validate({**NEW_DRAFT.model_dump(), "backend": {"name": backend}}))}


BAD: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "name", "required"),
    ({"model": "nosuchmodel1"}, "model", "valid choice"),
    ({"dataset_version": "x"}, "dataset_version", "valid choice"),
    ({"space": "own"}, "space", "valid choice"),
    ({"objective-0-metric": "eval_bleurt"}, "objective-0-metric", "valid choice"),
    ({"objective-0-direction": "sideways"}, "objective-0-direction", "valid choice"),
    ({"objective-0-over": "middle"}, "objective-0-over", "valid choice"),
    ({"objective-0-metric": "weighted_sum"}, "objective-0-metric", "Give at least one metric a weight"),
    ({"backend": "sigopt"}, "backend", "valid choice"),
    ({"terminator": "bored"}, "terminator", "valid choice"),
    ({"processes": "65"}, "processes", "64"),
    ({"sampler": "cma"}, "sampler", "valid choice"),
    ({"pruner": "asha"}, "pruner", "valid choice"),
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
    ({"children": "many"}, "children", "Enter auto or a number from 1 to 64"),
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


OF_A_BACKEND: list[tuple[str, dict[str, str], str, str]] = [
    ("ray", {"search": "tpe"}, "search", "valid choice"),
    ("ray", {"search": "hyperopt", "search-hyperopt-gamma": "2"}, "search-hyperopt-gamma", "0.99 or less"),
    ("ray", {"scheduler": "asha", "scheduler-asha-brackets": "many"}, "scheduler-asha-brackets", "must be a number"),
    ("ray", {"ray-cpus": "0"}, "ray-cpus", "0.01"),
    ("ray", {"ray-gpus": "-1"}, "ray-gpus", "0"),
    ("wandb", {"wandb-server": "elsewhere"}, "wandb-server", "valid choice"),
    ("wandb", {"wandb-method": "tpe"}, "wandb-method", "valid choice"),
    ("wandb", {"early": "hyperband", "early-hyperband-eta": "1"}, "early-hyperband-eta", "1.01 or more"),
    ("wandb", {"wandb-project": "a project"}, "wandb-project", "letters, digits"),
]


@pytest.mark.parametrize(("backend", "changes", "field", "sentence"), OF_A_BACKEND)
def test_a_bad_backend_shows_its_sentence(
    cast: Cast, backend: str, changes: dict[str, str], field: str, sentence: str
) -> None:
    form = SweepForm(shown(backend) | changes, team=cast.team)
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]


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
    {
        "backend": {
            "name": "optuna",
            "sampler": {"name": "random"},
            "pruner": {"name": "median", "options": {"n_startup_trials": 3}},
        }
    },
    {
        "backend": {
            "name": "optuna",
            "sampler": {"name": "tpe", "options": {"multivariate": None, "constant_liar": False, "n_ei_candidates": 5}},
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
    {"checkpoints": {"every": "steps", "steps": 20}},
    {"checkpoints": {"every": "evaluation", "steps": None}},
    {"space": {"parameters": ROWS}},
    {"objectives": []},
    {
        "objectives": [
            {"metric": "eval_loss", "direction": "minimize", "over": "best"},
            {"metric": "weighted_sum", "direction": "maximize", "weights": {"eval_mcc": 1.0, "eval_loss": -0.5}},
            {"metric": "transformers_default", "direction": "maximize"},
        ],
        "backend": {"name": "optuna", "sampler": {"name": "nsgaii", "options": {"population_size": 10}}},
    },
    {
        "backend": {
            "name": "optuna",
            "sampler": {"name": "partial_fixed", "options": {"sampler": "random"}},
            "fixed": {"learning_rate": 0.001, "per_device_train_batch_size": 8},
            "terminator": {"name": "regret_bound", "options": {"tolerance": 0.1}},
        },
        "processes": 2,
    },
    {"lora": {"r": 4, "alpha": 8, "dropout": 0.1, "target_modules": ["query", "value"]}},
    {"report_to": ["tensorboard", "trackio"]},
    {
        "backend": {
            "name": "ray",
            "search": {"name": "hyperopt", "options": {"gamma": 0.3}},
            "scheduler": {"name": "pbt", "options": {"quantile_fraction": 0.5}},
            "cpus": 2.0,
            "gpus": 0.5,
            "mutations": ["learning_rate"],
            "address": "ray://head:10001",
        },
        "children": 4,
    },
    {
        "backend": {
            "name": "wandb",
            "server": "wandb",
            "method": "bayes",
            "early_terminate": {"name": "hyperband", "options": {"max_iter": 9, "s": 2}},
            "project": "rates",
            "entity": "polyglots",
            "sweep_name": "My rates",
            "sweep_id": "ab12cd34",
        }
    },
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


@pytest.mark.parametrize("backend", ["optuna", "ray", "wandb"])
def test_a_backend_chosen_just_now_can_be_sent_as_it_is_shown(cast: Cast, backend: str) -> None:
    fresh = SweepForm(BASE | {"backend": backend}, team=cast.team).anew()
    sent = {field.html_name: field.value() for field in fresh if field.value() not in (None, False)}
    form = SweepForm(sent, team=cast.team)
    assert form.errors == {}
    assert form.cleaned_data["draft"] == Draft.model_validate({**NEW_DRAFT.model_dump(), "backend": {"name": backend}})


def test_objectives_are_added_and_taken_out_in_their_place(cast: Cast) -> None:
    first = {"objective-0-metric": "eval_loss", "objective-0-direction": "minimize"}
    form = SweepForm(BASE | first, team=cast.team).anew("objective:add")
    assert form["objective-1-metric"].value() is None
    assert "pruner" not in form.fields
    assert "keep_best" not in form.fields
    sent = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    both = SweepForm(sent | {"objective-1-metric": "eval_mcc"}, team=cast.team)
    assert both.errors == {}
    assert [(row.metric, row.direction) for row in both.cleaned_data["draft"].objectives] == [
        ("eval_loss", "minimize"),
        ("eval_mcc", "maximize"),
    ]
    alone = both.anew("objective:remove:0")
    assert alone["objective-0-metric"].value() == "eval_mcc"
    assert "objective-1-metric" not in alone.fields
    assert alone["keep_best"].value() is True


def test_what_does_not_fit_is_out_of_reach_and_says_why(cast: Cast) -> None:
    space = make_space(cast.team)
    form = SweepForm(team=cast.team, initial=BASE | {"space": space.public_id})
    page = str(form["sampler"])
    assert '<option value="cmaes" disabled>CMA-ES (does not fit)</option>' in page
    assert '<option value="random">Random</option>' in page
    reasons = next(section.reasons for section in form.search_sections() if section.key == "sampler")
    assert "CMA-ES draws numbers only, and per_device_train_batch_size has choices." in reasons
    ray = SweepForm(team=cast.team, initial=shown("ray") | {"space": space.public_id})
    assert '<option value="grid" disabled>Grid (does not fit)</option>' in str(ray["search"])
    assert '<option value="bohb">BOHB</option>' in str(ray["search"])


def test_mirrors_say_what_they_need_and_where_they_keep_what_they_show(cast: Cast) -> None:
    keep_secret(team=cast.team, user=cast.alice, name="MLFLOW_TRACKING_URI", value="https://ml.example.org")
    form = SweepForm(team=cast.team, initial=BASE)
    section, _ = form.last_sections()
    assert section.notes == (
        "Weights & Biases needs WANDB_API_KEY: enter it on the team's page Connections.",
        "TensorBoard keeps its event files on the runner, in the folder that the sweep's log names.",
        "Trackio keeps its entries on the runner, too: the team has set neither a Space nor a server.",
    )
    (field,) = section.fields
    disabled = {box.data["value"] for box in field.subwidgets if box.data["attrs"].get("disabled")}
    assert disabled == {"wandb"}


def test_a_sampler_is_proposed_for_the_budget(cast: Cast) -> None:
    rows = [{"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16]}]
    form = SweepForm(BASE | {"space": make_space(cast.team, rows).public_id}, team=cast.team)
    section = next(section for section in form.search_sections() if section.key == "sampler")
    assert section.proposal == (
        "Brute force would fit your budget: the space has 2 different trials, and each is tried once."
    )
    assert form.anew("propose:sampler")["sampler"].value() == "brute_force"


def test_the_direction_is_the_metrics_own_unless_it_is_chosen(cast: Cast) -> None:
    for metric, direction, expected in (
        ("eval_loss", "", "minimize"),
        ("eval_accuracy", "", "maximize"),
        ("eval_accuracy", "minimize", "minimize"),
    ):
        changes = {"objective-0-metric": metric, "objective-0-direction": direction}
        form = SweepForm(BASE | changes, team=cast.team)
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


def test_auto_is_kept_with_its_limit(cast: Cast) -> None:
    form = SweepForm(BASE | {"children": " Auto ", "max_children": "6"}, team=cast.team)
    assert not form.errors, form.errors
    draft = form.cleaned_data["draft"]
    assert (draft.children, draft.max_children) == ("auto", 6)
    assert {"children": "auto", "max_children": "6"}.items() <= draft_data(draft).items()
