"""Whole sweeps: cross checks between parts, arguments, space, backend and budget."""

from typing import Any

import pytest

from sweeps.models import Dataset, DatasetVersion, Model, SearchSpace
from sweeps.validation.draft import Draft
from sweeps.validation.problems import errors_of
from sweeps.validation.sweep import Parts, build
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
MEDIAN = {"pruner": {"name": "median"}}

BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"data_task": IMAGE}, "data", "choose two of the same task"),
    ({"space_task": IMAGE}, "space", "choose a space for text classification"),
    ({"draft": {"objectives": []}}, "objectives", "Choose what to optimise"),
    (
        {"draft": {"objectives": [{"metric": "eval_bleu", "direction": "maximize"}]}},
        "objectives.0.metric",
        "is not computed here",
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
    ({"draft": {"backend": {"sampler": {"name": "cma"}}}}, "backend.sampler.name", "Choose one of: tpe, random."),
    ({"draft": {"backend": {"pruner": {"name": "hyperband"}}}}, "backend.pruner.name", "is no pruner"),
    (
        {"draft": {"backend": {"sampler": {"name": "tpe", "options": {"x": 1}}}}},
        "backend.sampler.options.x",
        "has no option x",
    ),
    (
        {"draft": {"backend": {"sampler": {"name": "tpe", "options": {"n_startup_trials": -1}}}}},
        "backend.sampler.options.n_startup_trials",
        "0 or more",
    ),
    (
        {"draft": {"backend": {"pruner": {"name": "median", "options": {"interval_steps": 10**400}}}}},
        "backend.pruner.options.interval_steps",
        "too large",
    ),
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
