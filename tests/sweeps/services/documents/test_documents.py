"""A sweep, a space and a model as YAML and back again, equal; and what is said of a document that is wrong."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runners.protocol.space import SearchSpace as Space
from sweeps.models import Model, SearchSpace, Sweep
from sweeps.services.control import start_sweep
from sweeps.services.documents.exported import (
    PLAIN,
    model_document,
    model_yaml,
    space_document,
    space_yaml,
    sweep_document,
    sweep_yaml,
)
from sweeps.services.documents.imported import import_document
from sweeps.services.documents.judged import judge
from sweeps.services.documents.yaml_text import dump, load
from sweeps.services.drafts import read_draft
from sweeps.services.specs import review
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, make_draft, make_model, make_space, make_version
from tests.sweeps.services.documents.drafts import drafts, texts

pytestmark = pytest.mark.django_db
PROPERTY = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def make(cast: Cast, text: str, **options: Any) -> Any:
    return import_document(team=cast.team, user=cast.bob, document=load(text), **options).thing


def refused(cast: Cast, text: str, **options: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as error:
        make(cast, text, **options)
    return error.value.fields()


@pytest.fixture
def whole(cast: Cast) -> Sweep:
    return make_draft(cast.team, cast.bob)


@PROPERTY
@given(draft=drafts(), description=texts)
def test_any_draft_comes_back_equal(whole: Sweep, cast: Cast, draft: Draft, description: str) -> None:
    whole.draft = draft.model_dump(mode="json")
    whole.description = description
    again: Sweep = make(cast, sweep_yaml(whole))
    assert read_draft(again) == draft
    assert repr(read_draft(again)) == repr(draft), "8 is not 8.0, and true is not 1"
    assert again.description == description.strip()
    assert (again.name, again.model, again.dataset_version) == (whole.name, whole.model, whole.dataset_version)
    assert again.space == (None if draft.space else whole.space)
    assert sweep_document(again) == sweep_document(whole) | (
        {"description": again.description} if again.description else {}
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.dictionaries(texts, JSON, min_size=1, max_size=4))
def test_any_text_and_number_comes_back_as_it_was(document: dict[str, Any]) -> None:
    assert repr(load(dump(document, head="", comments={}))) == repr(document)


@pytest.mark.parametrize(
    "word", ["no", "on", "1e5", "0x1F", "017", "12:30", "2026-01-01", "~", "", "null", "=", "<<", "1_000", ".5"]
)
def test_words_that_yaml_takes_for_something_else_stay_words(word: str) -> None:
    assert load(dump({"a": word, "b": [word]}, head="", comments={})) == {"a": word, "b": [word]}


def test_what_people_type_is_read_as_they_mean_it() -> None:
    found = load(
        "eval_strategy: no\nlow: 1e-5\nhigh: 3E4\nsmall: .5\nlog: true\nnone: null\ncount: -8\ndate: 2026-01-01\n"
    )
    assert found == {
        "eval_strategy": "no",
        "low": 1e-5,
        "high": 3e4,
        "small": 0.5,
        "log": True,
        "none": None,
        "count": -8,
        "date": "2026-01-01",
    }


def test_no_field_of_a_draft_is_forgotten() -> None:
    written = {"space", "objectives", "budget", "backend", "arguments", "data_settings", "lora", "seed", "sampler_seed"}
    assert {*written, "checkpoints", "requirements", *PLAIN} == set(Draft.model_fields)


def test_a_started_sweep_is_written_as_it_was_frozen_and_has_the_same_spec_again(cast: Cast, whole: Sweep) -> None:
    start_sweep(sweep=whole, user=cast.bob)
    whole.refresh_from_db()
    again = make(cast, sweep_yaml(whole), name="Once more")
    spec, problems = review(sweep=again)
    assert problems == []
    assert spec is not None
    assert spec.model_dump(mode="json") == whole.spec
    assert again.name == "Once more"


def test_the_text_is_one_that_people_read(cast: Cast) -> None:
    model, version = make_model(cast.team, name="Tiny BERT"), make_version(cast.team)
    space = make_space(cast.team)
    own = DRAFT.model_copy(update={"space": Space.model_validate(space.space), "report_to": ("tensorboard",)})
    sweep = make_draft(cast.team, cast.bob, own, model=model, dataset_version=version, space=None)
    assert sweep_yaml(sweep) == (
        f"""# A sweep of hpweb. To make it again: hpweb sweep create FILE, or Sweeps, From YAML.
kind: sweep
name: {sweep.name}
# Parts of the team's library: found by name, and by id where no part has the name.
model: {{name: Tiny BERT, id: {model.public_id}}}
data: {{name: {version.dataset.name}, version: 1, id: {version.public_id}}}
# What is searched, in the order of drawing.
space:
  learning_rate: {{type: float, low: 0.0001, high: 0.01, log: true}}
  per_device_train_batch_size: {{type: categorical, choices: [8, 16]}}
objectives:
- {{metric: eval_accuracy, direction: maximize}}
# timeout_s: seconds, after which no trial starts.
budget:
  n_trials: 8
backend:
  name: optuna
  sampler: tpe
  pruner: none
# TrainingArguments that every trial has.
arguments:
  eval_strategy: epoch
  num_train_epochs: 2
# seed is that of training, sampler_seed that of the draws.
seed: 42
sampler_seed: 0
report_to: [tensorboard]
"""
    )


def test_spaces_and_models_come_back_equal(cast: Cast) -> None:
    rows: list[dict[str, Any]] = [
        {"type": "categorical", "name": "var.size", "choices": ["small", "no"]},
        {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-3, "log": True, "step": None},
        {
            "type": "int",
            "name": "num_train_epochs",
            "low": 1,
            "high": 4,
            "when": {"name": "var.size", "values": ["no"]},
        },
    ]
    space = make_space(cast.team, rows)
    space.space["derived"] = [
        {"type": "lookup", "name": "per_device_train_batch_size", "of": "var.size", "values": [8, 16]},
        {"type": "formula", "name": "gradient_accumulation_steps", "formula": "64 // per_device_train_batch_size"},
    ]
    space.description = "Two sizes.\n\nOf each: #1"
    space.save()
    again: SearchSpace = make(cast, space_yaml(space), name="Other space")
    assert Space.model_validate(again.space) == Space.model_validate(space.space)
    assert (again.task, again.description) == (space.task, space.description)
    kinds: list[dict[str, Any]] = [
        {},
        {"source": {"source": "hub", "id": "a/b", "revision": "1e5"}, "processor": {"source": "model"}},
    ]
    for fields in kinds:
        model = make_model(cast.team, **fields)
        other: Model = make(cast, model_yaml(model), name=f"Other {model.name}")
        assert (other.task, other.source, other.processor) == (
            model.task,
            {**other.source, **model.source},
            model.processor,
        )


def test_parts_are_found_by_name_then_by_id(cast: Cast, whole: Sweep) -> None:
    text = sweep_yaml(whole)
    assert whole.model
    assert whole.dataset_version
    whole.model.name = "Renamed"
    whole.model.save()
    assert make(cast, text).model == whole.model, "by its id"
    second = make_model(cast.team, name=make_model(cast.other).name)
    data = whole.dataset_version.dataset.name
    short = f"name: S\nbudget: {{n_trials: 3}}\nmodel: {second.name}\ndata: {data} v1\nspace: {whole.space and whole.space.public_id}\n"
    found = make(cast, short)
    assert (found.model, found.dataset_version, found.space) == (second, whole.dataset_version, whole.space)
    assert make(cast, f"name: S\nbudget: {{}}\ndata: {data}").dataset_version == whole.dataset_version


def test_what_is_wrong_is_said_at_its_path_with_the_mend(cast: Cast, whole: Sweep) -> None:
    stranger = make_model(cast.other, name="Theirs")
    text = f"""
kind: sweep
name: Wrong
model: {{name: Theirs, id: {stranger.public_id}}}
data: {{name: {whole.dataset_version and whole.dataset_version.dataset.name}, version: 7}}
space:
  learning_rate: {{low: 1e-3, high: 1e-5, log: true}}
  num_train_epochs: {{low: 1, hihg: 3}}
  warmup_ratio: 0.1
budget: {{n_trials: many}}
children: many
seeed: 3
"""
    assert refused(cast, text) == {
        "model": ["The team has no model named Theirs: make it first, or name another one."],
        "data.version": [f"{whole.dataset_version and whole.dataset_version.dataset.name} has no version 7: it has 1."],
        "space.warmup_ratio": [
            "Write its bounds ({low: 1, high: 8}), its choices ({choices: [8, 16]}), or what it follows from ({formula: …})."
        ],
        "space.learning_rate.high": ["high 1e-05 is below low 0.001: swap them."],
        "space.num_train_epochs.high": ["Give high."],
        "space.num_train_epochs.hihg": ["There is no field hihg here: is high meant?"],
        "budget.n_trials": ["Input should be a valid integer, unable to parse string as an integer."],
        "children": ["Give a whole number from 1, or auto."],
        "seeed": ["There is no field seeed here: is seed meant?"],
    }
    assert Sweep.objects.count() == 1


def test_a_space_and_a_model_that_do_not_hold_are_refused(cast: Cast) -> None:
    space = "kind: space\nname: S\ntask: text-classification\nspace:\n  learning_rate: {low: -1, high: 1}\n  bogus: [1, 2]\n"
    found = refused(cast, space)
    assert set(found) == {"space.learning_rate.low", "space.bogus"}
    model = "kind: model\nname: M\ntask: text-classification\nsource: {source: config, model_type: bert, fields: {hidden_size: many}}\n"
    found = refused(cast, model)
    assert set(found) == {"source.fields.hidden_size", "processor.source"}
    assert refused(cast, model, kind="space") == {"kind": ["This is a model, and a space is wanted here."]}
    assert set(refused(cast, "name: x")) == {"kind"}
    assert refused(cast, "kind: sweep") == {"name": ["Give it a name, such as name: My sweep."]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The text must be one mapping: lines such as “kind: sweep” and “name: My sweep”."),
        ("- 1", "The text must be one mapping: lines such as “kind: sweep” and “name: My sweep”."),
        ("a: 1\na: 2", "Line 2, column 1: a stands here twice: keep one."),
        ("a: &x [1]\nb: *x", "Line 2, column 4: aliases (*name) are not read here: write it out."),
        ("a: [1", "Line 1, column 6: expected ',' or ']', but got '<stream end>'."),
        ("8: 1", "Line 1, column 1: a name is a text; put it in quotes if 8 is meant."),
        ("a: !!python/x y", "Line 1, column 4: could not determine a constructor for the tag 'tag:yaml.org,2002:python/x'."),
        ("a: !!int x", "That is no YAML: invalid literal for int() with base 10: 'x'."),
        ("[" * 3000, "The text is nested too deeply."),
        ("a: 1\0", 'That is no YAML: unacceptable character #x0000: special characters are not allowed in "<unicode string>", position 4.'),
        ("a" * 100_001, "The text has 100001 characters; the most is 100000."),
    ],
)  # fmt: skip
def test_a_text_that_is_no_document_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Invalid) as error:
        load(text)
    assert error.value.fields() == {"": [message]}


def mutated(data: st.DataObject, value: Any, depth: int = 0) -> Any:
    """The document with something else at one of its places."""
    if isinstance(value, dict | list) and value and depth < 5 and data.draw(st.integers(0, 5)):
        key = data.draw(st.sampled_from(list(value) if isinstance(value, dict) else range(len(value))))
        copy = value.copy()
        copy[key] = mutated(data, value[key], depth + 1)
        return copy
    odd: st.SearchStrategy[Any] = st.sampled_from(
        [None, "", -1, 0, 2**70, 1e308, True, [], {}, [[]], {"name": "x"}, "no such", ["a"], {"": None}]
    )
    return data.draw(odd | JSON)


@settings(PROPERTY, max_examples=60)
@given(data=st.data())
def test_whatever_a_document_says_it_is_made_or_refused(whole: Sweep, cast: Cast, data: st.DataObject) -> None:
    space, model = space_document(make_space(cast.team)), model_document(make_model(cast.team))
    document = data.draw(st.sampled_from([sweep_document(whole), space, model]))
    document = mutated(data, json.loads(json.dumps(document)))
    if not isinstance(document, dict):
        return
    count = (Sweep.objects.count(), SearchSpace.objects.count(), Model.objects.count())
    made, refusal = None, None
    try:
        made = import_document(team=cast.team, user=cast.bob, document=document, name=f"Made {sum(count)}").thing
    except Invalid as error:
        refusal = error
    if refusal is not None:
        assert refusal.fields()
        assert count == (Sweep.objects.count(), SearchSpace.objects.count(), Model.objects.count())
    elif isinstance(made, Sweep):
        judge(made)
