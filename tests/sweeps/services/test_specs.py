"""Freezing a draft."""

import pytest

from runners.protocol.spec import SweepSpec
from sweeps.services.specs import freeze, review
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.parts import BERT, DRAFT, ROWS, TOKENIZER, make_draft

EXPECTED = {
    "version": 1,
    "task": "text-classification",
    "model": BERT | {"fields": {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}},
    "processor": TOKENIZER,
    "data": {
        "source": "artifact",
        "digest": "d" * 64,
        "train": {"sha256": "a" * 64, "size": 10, "rows": 5},
        "eval": {"sha256": "a" * 64, "size": 10, "rows": 5},
        "labels": ["no", "yes"],
        "columns": [],
    },
    "data_settings": {},
    "space": {"parameters": [row | {"when": None} for row in ROWS], "derived": []},
    "objectives": [{"metric": "eval_accuracy", "direction": "maximize", "over": "last", "weights": {}}],
    "lora": None,
    "backend": {
        "name": "optuna",
        "sampler": {"name": "tpe", "options": {}},
        "pruner": {"name": "none", "options": {}},
        "terminator": None,
        "fixed": {},
    },
    "budget": {"n_trials": 8, "timeout_s": None, "max_failed_trials": None},
    "arguments": {"eval_strategy": "epoch", "num_train_epochs": 2.0},
    "seed": 42,
    "sampler_seed": 0,
    "threads": 1,
    "children": 1,
    "max_children": None,
    "processes": 1,
    "report_to": [],
    "keep_best": True,
    "checkpoints": {"every": "off", "steps": None},
}


def test_a_draft_freezes_into_exactly_this_spec(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    spec = freeze(sweep=sweep)
    assert spec.model_dump(mode="json") == EXPECTED
    assert isinstance(spec.arguments["num_train_epochs"], float)
    assert SweepSpec.model_validate_json(spec.model_dump_json()) == spec
    sweep.refresh_from_db()
    assert (sweep.state, sweep.spec) == ("draft", None)


def test_freezing_twice_gives_the_same(cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.alice)
    assert freeze(sweep=sweep) == freeze(sweep=sweep)


def test_what_is_wrong_is_refused_with_every_field(cast: Cast) -> None:
    broken = DRAFT.model_copy(update={"objectives": (), "arguments": {"learning_rate": 1.0}})
    sweep = make_draft(cast.team, cast.alice, broken, model=None)
    with pytest.raises(Invalid) as refused:
        freeze(sweep=sweep)
    assert list(refused.value.fields()) == ["model", "objectives", "arguments.learning_rate"]
    assert review(sweep=sweep)[0] is None
