"""Whole sweeps: cross checks between parts, arguments, space, backend and budget."""

from dataclasses import replace
from typing import Any

import pytest

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace
from sweeps.validation.draft import Draft
from sweeps.validation.problems import errors_of
from sweeps.validation.sweep import Parts, build
from sweeps.validation.team import TeamSettings
from tests.sweeps.parts import BERT, DRAFT, ROWS, TOKENIZER

TEXT, IMAGE = "text-classification", "image-classification"
FILE = {"sha256": "a" * 64, "size": 1}
DATA = {"source": "artifact", "digest": "d" * 64, "train": FILE, "eval": FILE, "labels": ["a", "b"]}


def parts(
    *,
    draft: dict[str, Any] | None = None,
    rows: list[dict[str, Any]] | None = None,
    data_task: str = TEXT,
    space_task: str = "",
    source: dict[str, Any] | None = None,
    processor: dict[str, Any] | None = None,
) -> Parts:
    """Parts that fit, but for what is given."""
    return Parts(
        Draft.model_validate({**DRAFT.model_dump(mode="json"), **(draft or {})}),
        Model(name="Model", task=TEXT, source=source or BERT, processor=processor or TOKENIZER),
        DatasetVersion(dataset=Dataset(name="Data", task=data_task), number=1, spec=DATA),
        SearchSpace(name="Space", task=space_task, space={"parameters": ROWS if rows is None else rows}),
    )


def row(name: str, *choices: Any) -> dict[str, Any]:
    return {"type": "categorical", "name": name, "choices": list(choices)}


HUB = {"source": "hub", "id": "a/b"}
MEDIAN = {"name": "optuna", "pruner": {"name": "median"}}


def optuna(**fields: Any) -> dict[str, Any]:
    return {"draft": {"backend": {"name": "optuna", **fields}}}


def ray(**fields: Any) -> dict[str, Any]:
    return {"draft": {"backend": {"name": "ray", **fields}}}


def wandb(**fields: Any) -> dict[str, Any]:
    return {"draft": {"backend": {"name": "wandb", **fields}}}


def objectives(*metrics: str, **fields: Any) -> dict[str, Any]:
    """Draft's changes: these metrics, each in its own direction."""
    rows = [{"metric": name, "direction": "minimize" if "loss" in name else "maximize"} for name in metrics]
    return {"objectives": rows, **fields}


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"data_task": IMAGE}, "data", "choose two of the same task"),
    ({"space_task": IMAGE}, "space", "choose a space for text classification"),
    ({"draft": {"objectives": []}}, "objectives", "Choose what to optimise"),
    (
        {"draft": {"objectives": [{"metric": "eval_bleu", "direction": "maximize"}]}},
        "objectives.0.metric",
        "is not computed here",
    ),
    (
        {"draft": {"budget": {"n_trials": 3, "timeout_s": float("inf")}}},
        "budget.timeout_s",
        "The longest timeout",
    ),
    (
        {
            "draft": {
                "objectives": [
                    {"metric": "weighted_sum", "direction": "maximize", "weights": {"eval_mcc": float("nan")}}
                ]
            }
        },
        "objectives.0.weights.eval_mcc",
        "must lie between",
    ),
    ({"draft": {"budget": {}}}, "budget.n_trials", "Give the number of trials."),
    ({"draft": {"budget": {"n_trials": 10**6}}}, "budget.n_trials", "The most is 100000 trials."),
    ({"draft": {"arguments": {"learning_rate": 1e-3}}}, "arguments.learning_rate", "is searched by the space"),
    ({"draft": {"arguments": {"learning_rte": 1}}}, "arguments.learning_rte", "Did you mean learning_rate?"),
    ({"draft": {"arguments": {"output_dir": "x"}}}, "arguments.output_dir", "can't be set: hpweb sets it itself."),
    ({"draft": {"arguments": {"weight_decay": "a"}}}, "arguments.weight_decay", "must be a number, not text."),
    ({"draft": {"arguments": {"weight_decay": -1}}}, "arguments.weight_decay", "0 or more"),
    ({"draft": {"arguments": {"seed": 1}}}, "arguments.seed", "The sweep has a seed of its own"),
    ({"draft": {"arguments": {"max_steps": 0}}}, "arguments.max_steps", "Nothing would be trained"),
    ({"draft": {"arguments": {"eval_steps": 1.5}}}, "arguments.eval_steps", "a whole number of steps"),
    ({"draft": {"arguments": {"bf16": True, "fp16": True}}}, "arguments.fp16", "one of bf16 and fp16"),
    (
        {"draft": {"arguments": {"max_steps": 5}}, "rows": [row("num_train_epochs", 1, 2)]},
        "arguments.max_steps",
        "overrides num_train_epochs",
    ),
    ({"draft": {"data_settings": {"image_size": 8}}}, "data_settings.image_size", "has no data setting image_size"),
    ({"draft": {"data_settings": {"max_length": 1000}}}, "data_settings.max_length", "512 or less"),
    (
        {"draft": {"data_settings": {"max_length": 64}}, "rows": [row("data.max_length", 32)]},
        "data_settings.max_length",
        "is searched by the space",
    ),
    ({"draft": {"arguments": {}, "backend": MEDIAN}}, "arguments.eval_strategy", "set eval_strategy to epoch or steps"),
    (optuna(sampler={"name": "cma"}), "backend.sampler.name", "Choose one of: tpe, gp"),
    (optuna(pruner={"name": "asha"}), "backend.pruner.name", "is no pruner"),
    (optuna(terminator={"name": "bored"}), "backend.terminator.name", "Choose one of: stagnation"),
    (optuna(sampler={"name": "tpe", "options": {"x": 1}}), "backend.sampler.options.x", "has no option x"),
    (
        optuna(sampler={"name": "tpe", "options": {"n_startup_trials": -1}}),
        "backend.sampler.options.n_startup_trials",
        "0 or more",
    ),
    (
        optuna(pruner={"name": "median", "options": {"interval_steps": 10**400}}),
        "backend.pruner.options.interval_steps",
        "too large",
    ),
    (optuna(sampler={"name": "cmaes"}), "backend.sampler.name", "per_device_train_batch_size has choices"),
    (optuna(sampler={"name": "grid"}), "backend.sampler.name", "give learning_rate a step or choices"),
    (
        optuna(sampler={"name": "partial_fixed", "options": {"sampler": "qmc"}}, fixed={"learning_rate": 0.001}),
        "backend.sampler.options.sampler",
        "draws numbers only",
    ),
    (optuna(sampler={"name": "partial_fixed"}), "backend.fixed", "at least one parameter a fixed value"),
    (optuna(fixed={"learning_rate": 0.001}), "backend.fixed", "only the sampler partially fixed reads"),
    (
        optuna(sampler={"name": "partial_fixed"}, fixed={"learning_rate": 1.0}),
        "backend.fixed.learning_rate",
        "lies between 0.0001 and 0.01",
    ),
    (
        optuna(sampler={"name": "partial_fixed"}, fixed={"per_device_train_batch_size": "8"}),
        "backend.fixed.per_device_train_batch_size",
        "has the choices 8, 16",
    ),
    (optuna(sampler={"name": "partial_fixed"}, fixed={"optim": "sgd"}), "backend.fixed.optim", "no row of the space"),
    (
        optuna(sampler={"name": "partial_fixed"}, fixed={"learning_rate": 0.001, "per_device_train_batch_size": 8}),
        "backend.fixed",
        "Every parameter is fixed",
    ),
    (optuna(pruner={"name": "threshold"}), "backend.pruner.options.lower", "needs a bound"),
    (
        optuna(pruner={"name": "threshold", "options": {"lower": 2.0, "upper": 1.0}}),
        "backend.pruner.options.lower",
        "lower 2 is above upper 1",
    ),
    (
        {"draft": {**objectives("eval_loss", "eval_accuracy"), "backend": MEDIAN}},
        "backend.pruner.name",
        "With several objectives no trial can be pruned",
    ),
    (
        {
            "draft": {
                **objectives("eval_loss", "eval_accuracy"),
                "backend": {"name": "optuna", "terminator": {"name": "stagnation"}},
            }
        },
        "backend.terminator.name",
        "take the terminator out",
    ),
    (
        {
            "draft": {
                **objectives("eval_loss", "eval_accuracy"),
                "backend": {"name": "optuna", "sampler": {"name": "cmaes"}},
            }
        },
        "backend.sampler.name",
        "serves one objective, and there are 2",
    ),
    ({"draft": objectives("eval_loss", "eval_loss")}, "objectives.1.metric", "is objective 1 already"),
    (
        {"draft": objectives("eval_loss", "eval_accuracy", "eval_mcc", "eval_f1_macro", "eval_f1_weighted")},
        "objectives",
        "The most is 4",
    ),
    (
        {"draft": {"objectives": [{"metric": "weighted_sum", "direction": "maximize", "weights": {"eval_bleu": 1}}]}},
        "objectives.0.weights.eval_bleu",
        "is not computed here",
    ),
    (
        {"draft": {"objectives": [{"metric": "weighted_sum", "direction": "maximize", "weights": {"eval_mcc": 0}}]}},
        "objectives.0.weights",
        "Every weight is 0",
    ),
    (
        {"draft": {**objectives("eval_loss", "eval_accuracy"), "backend": {"name": "ray"}}},
        "objectives",
        "Ray Tune has one objective",
    ),
    (
        {"draft": {**objectives("eval_loss", "eval_accuracy"), "backend": {"name": "wandb"}}},
        "objectives",
        "W&B has one objective",
    ),
    ({"draft": {"processes": 2, "backend": {"name": "ray"}}}, "processes", "works with Optuna only"),
    ({"draft": {"processes": 2, "backend": {"name": "wandb"}}}, "processes", "works with Optuna only"),
    ({"draft": {"processes": 65}}, "processes", "The most is 64"),
    (ray(search={"name": "tpe"}), "backend.search.name", "Choose one of: random, grid, optuna, hyperopt"),
    (ray(search={"name": "grid"}), "backend.search.name", "give learning_rate a step or choices"),
    (
        ray(search={"name": "hyperopt", "options": {"gamma": 2.0}}),
        "backend.search.options.gamma",
        "0.99 or less",
    ),
    (ray(scheduler={"name": "fifo"}), "backend.scheduler.name", "is no scheduler"),
    (
        {"draft": {"arguments": {}, "backend": {"name": "ray", "scheduler": {"name": "asha"}}}},
        "arguments.eval_strategy",
        "The scheduler ASHA compares evaluations",
    ),
    (ray(scheduler={"name": "pbt"}), "backend.mutations", "at least one parameter that it may change"),
    (ray(mutations=["learning_rate"]), "backend.mutations", "Only population-based training"),
    (ray(scheduler={"name": "pbt"}, mutations=["optim"]), "backend.mutations", "optim is to be changed but is no row"),
    (ray(cpus=1.5), "backend.cpus", "a whole number"),
    (ray(gpus=100), "backend.gpus", "The most is 64 GPUs"),
    (ray(address="ray://elsewhere:10001"), "backend.address", "The team has no Ray cluster"),
    (wandb(server="wandb"), "backend.server", "enter WANDB_API_KEY on the team's page Connections"),
    (wandb(sweep_id="abc"), "backend.sweep_id", "hpweb's own endpoint keeps the sweep by itself"),
    (wandb(method="grid"), "backend.method", "give learning_rate a step or choices"),
    (
        wandb(early_terminate={"name": "hyperband"}),
        "backend.early_terminate.options.min_iter",
        "give min_iter, or max_iter with s",
    ),
    (
        wandb(early_terminate={"name": "hyperband", "options": {"max_iter": 9}}),
        "backend.early_terminate.options.s",
        "max_iter needs s",
    ),
    (
        {
            "draft": {
                "arguments": {},
                "backend": {"name": "wandb", "early_terminate": {"name": "hyperband", "options": {"min_iter": 1}}},
            }
        },
        "arguments.eval_strategy",
        "Hyperband compares evaluations",
    ),
    ({"draft": {"report_to": ["mlflow"]}}, "report_to", "MLflow needs MLFLOW_TRACKING_URI"),
    ({"draft": {"lora": {"r": 5000}}}, "lora.r", "1024 or less"),
    ({"draft": {"lora": {"target_modules": ["a b"]}}}, "lora.target_modules", "is no module's name"),
    ({"draft": {"children": 100}}, "children", "The most is 64"),
    ({"draft": {"threads": 1000}}, "threads", "The most is 256"),
    ({"rows": []}, "space", "Add at least one parameter"),
    ({"rows": [row("model.patch_size", 2)]}, "space.model.patch_size", "BERT has no such config field"),
    (
        {"rows": [row("model.num_attention_heads", 2, 3)]},
        "space.model.num_attention_heads",
        "a model that can't be built",
    ),
    (
        {"rows": [row("data.max_length", 64, 512)], "source": BERT | {"fields": {"max_position_embeddings": 100}}},
        "space.data.max_length",
        "longer than the model can read (100)",
    ),
    (
        {"source": BERT | {"fields": {"max_position_embeddings": 100}}},
        "data_settings.max_length",
        "Texts of 128 tokens",
    ),
    (
        {"rows": [row("model.hidden_size", 64)], "source": HUB, "processor": {"source": "model"}},
        "space.model.hidden_size",
        "changes the shapes",
    ),
    ({"source": {"source": "hub", "id": "?"}, "processor": {"source": "model"}}, "model.source.id", "no Hub id"),
    ({"source": {"source": "nowhere"}}, "model", ""),
]


@pytest.mark.parametrize(("changes", "place", "sentence"), BAD)
def test_a_bad_sweep_is_refused_at_its_field(changes: dict[str, Any], place: str, sentence: str) -> None:
    spec, problems = build(parts(**changes))
    assert spec is None
    assert [problem.path for problem in errors_of(problems)] == [place]
    assert sentence in errors_of(problems)[0].message


ODD: list[tuple[dict[str, Any], str, str]] = [
    (
        {"draft": {"objectives": [{"metric": "eval_loss", "direction": "maximize"}]}},
        "objectives.0.direction",
        "looks for the worst",
    ),
    (
        {"draft": {"budget": {"n_trials": 3}}, "rows": [row("per_device_train_batch_size", 8, 16)]},
        "budget.n_trials",
        "only 2 different trials",
    ),
    (
        {"draft": {"arguments": {"eval_strategy": "epoch"}, "backend": MEDIAN, "budget": {"n_trials": 5}}},
        "backend.pruner.options.n_startup_trials",
        "Nothing will be pruned",
    ),
    (
        {
            "draft": {"budget": {"n_trials": 3}, "backend": {"name": "optuna", "sampler": {"name": "grid"}}},
            "rows": [row("per_device_train_batch_size", 8, 16)],
        },
        "budget.n_trials",
        "each comes once: there will be 2",
    ),
    (
        optuna(terminator={"name": "stagnation"}),
        "backend.terminator.options.min_n_trials",
        "It never ends the sweep",
    ),
    (
        ray(scheduler={"name": "pbt"}, mutations=["learning_rate"]),
        "children",
        "One trial at a time has no other to copy from",
    ),
    ({"draft": {"budget": {"n_trials": 3, "max_failed_trials": 4}}}, "budget.max_failed_trials", "never fails"),
    ({"draft": {"budget": {"n_trials": 3}, "children": 4}}, "children", "3 trials in all"),
    ({"draft": {"arguments": {"max_steps": 5, "num_train_epochs": 1}}}, "arguments.num_train_epochs", "no effect"),
    ({"draft": {"arguments": {"eval_strategy": "steps"}}}, "arguments.eval_steps", "every 500 steps"),
]


@pytest.mark.parametrize(("changes", "place", "sentence"), ODD)
def test_what_is_odd_is_a_warning_and_starts(changes: dict[str, Any], place: str, sentence: str) -> None:
    spec, problems = build(parts(**changes))
    assert spec is not None
    assert [(problem.path, problem.warning) for problem in problems] == [(place, True)]
    assert sentence in problems[0].message


def test_an_empty_draft_says_what_is_missing() -> None:
    spec, problems = build(Parts(Draft()))
    assert spec is None
    assert [problem.path for problem in problems] == ["model", "data", "space", "objectives"]


def test_values_get_the_fields_own_types() -> None:
    spec, problems = build(parts(draft={"arguments": {"weight_decay": 0, "num_train_epochs": 2, "max_steps": -1.0}}))
    assert problems == []
    assert spec is not None
    assert {name: (type(value), value) for name, value in spec.arguments.items()} == {
        "weight_decay": (float, 0.0),
        "num_train_epochs": (float, 2.0),
        "max_steps": (int, -1),
    }


def test_the_drafts_own_space_goes_before_the_librarys() -> None:
    spec, problems = build(parts(draft={"space": {"parameters": [row("optim", "sgd")]}}, rows=[]))
    assert errors_of(problems) == ()
    assert spec is not None
    assert [parameter.name for parameter in spec.space.parameters] == ["optim"]


def test_where_each_combination_comes_once_the_budget_is_their_number() -> None:
    rows = [row("per_device_train_batch_size", 8, 16), row("optim", "sgd", "adafactor")]
    backends: list[tuple[dict[str, Any], int]] = [
        ({"name": "optuna", "sampler": {"name": "grid"}}, 4),
        ({"name": "optuna", "sampler": {"name": "brute_force"}}, 4),
        ({"name": "ray", "search": {"name": "grid"}}, 4),
        ({"name": "wandb", "method": "grid"}, 4),
        ({"name": "optuna"}, 9),
    ]
    for backend, expected in backends:
        spec, _ = build(parts(draft={"backend": backend, "budget": {"n_trials": 9}}, rows=rows))
        assert spec is not None
        assert spec.budget.n_trials == expected, backend


def test_population_based_training_saves_at_each_evaluation() -> None:
    backend = {"name": "ray", "scheduler": {"name": "pbt"}, "mutations": ["learning_rate"]}
    given = {"eval_strategy": "steps", "eval_steps": 5, "save_strategy": "epoch"}
    spec, problems = build(parts(draft={"backend": backend, "arguments": given, "children": 2}))
    assert [(problem.path, problem.warning) for problem in problems] == [("arguments.save_strategy", True)]
    assert spec is not None
    assert (spec.arguments["save_strategy"], spec.arguments["save_steps"]) == ("steps", 5.0)


def test_of_several_objectives_no_model_is_kept() -> None:
    spec, _ = build(parts(draft=objectives("eval_loss", "eval_accuracy", keep_best=True)))
    assert spec is not None
    assert spec.keep_best is False
    assert [objective.metric for objective in spec.objectives] == ["eval_loss", "eval_accuracy"]


def test_with_its_key_a_team_may_use_wandb_and_with_its_address_its_cluster() -> None:
    team = TeamSettings(frozenset({"WANDB_API_KEY"}), "ray://head:10001")
    for changes in (wandb(server="wandb"), ray(address="ray://head:10001")):
        spec, problems = build(replace(parts(**changes), team=team))
        assert spec is not None, problems


def test_more_processes_than_any_runner_has_room_for_is_a_warning() -> None:
    two, three = parts(draft={"processes": 2}), parts(draft={"processes": 3})
    for known, given, said in (((2, "box"), two, []), ((2, "box"), three, ["processes"]), (None, three, [])):
        spec, problems = build(replace(given, team=TeamSettings(most_processes=known)))
        assert spec is not None
        assert [problem.path for problem in problems] == said
        assert all("the most is 2, on box" in problem.message and problem.warning for problem in problems)


def test_with_its_keys_a_team_may_mirror_trials() -> None:
    team = TeamSettings(frozenset({"WANDB_API_KEY", "MLFLOW_TRACKING_URI"}))
    names = ("wandb", "mlflow", "tensorboard", "trackio")
    spec, problems = build(replace(parts(draft={"report_to": list(names)}), team=team))
    assert spec is not None, problems
    assert spec.report_to == names


def test_a_search_on_w_and_b_needs_no_mirror_there() -> None:
    team = TeamSettings(frozenset({"WANDB_API_KEY"}))
    changes = wandb(server="wandb")
    changes["draft"] = {**changes.get("draft", {}), "report_to": ["wandb"]}
    spec, problems = build(replace(parts(**changes), team=team))
    assert spec is None
    assert [(problem.path, "take this mirror out" in problem.message) for problem in problems] == [("report_to", True)]
