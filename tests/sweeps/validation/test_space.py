"""Conditions, variables, derived values, and what a model can be over the whole space."""

from typing import Any

import pytest

from runners.protocol.backends import NamedChoice, OptunaBackend, RayBackend, WandbBackend
from runners.protocol.space import SearchSpace
from runners.protocol.spec import ConfigModel
from sweeps.validation.extremes import check_extremes
from sweeps.validation.space import check_rows, check_space, check_space_for

TEXT = "text-classification"


def words(name: str, *choices: Any, **more: Any) -> dict[str, Any]:
    return {"type": "categorical", "name": name, "choices": list(choices), **more}


def whole(name: str, low: int, high: int, **more: Any) -> dict[str, Any]:
    return {"type": "int", "name": name, "low": low, "high": high, **more}


def when(name: str, *values: Any) -> dict[str, Any]:
    return {"when": {"name": name, "values": list(values)}}


def formula(name: str, text: Any) -> dict[str, Any]:
    return {"type": "formula", "name": name, "formula": text}


def lookup(name: str, of: str, *values: Any) -> dict[str, Any]:
    return {"type": "lookup", "name": name, "of": of, "values": list(values)}


OPTIM = words("optim", "adafactor", "sgd")
BETA = {"type": "float", "name": "adam_beta1", "low": 0.8, "high": 0.9}
BATCH = words("per_device_train_batch_size", 8, 64)
SIZE = words("var.size", "small", "large")
ACCUMULATION = "gradient_accumulation_steps"

BAD: list[tuple[list[dict[str, Any]], list[dict[str, Any]], str, str]] = [
    ([BETA | when("optim", "sgd"), OPTIM], [], "parameters.0.when.name", "optim is no row above this one"),
    ([OPTIM, BETA | when("optim", "adam")], [], "parameters.1.when.values", "optim is never adam: its choices are"),
    ([OPTIM, BETA | when("optim")], [], "parameters.1.when.values", "Give at least one value of optim."),
    ([OPTIM, BETA | when("optim", "sgd", "sgd")], [], "parameters.1.when.values", "listed twice"),
    ([OPTIM, BETA | {"when": "optim"}], [], "parameters.1.when.name", "That is no row above"),
    ([BETA, words("seed", 1, 2) | when("adam_beta1", 0.8)], [], "parameters.1.when.name", "adam_beta1 is a float"),
    (
        [whole("seed", 1, 9, step=2), BETA | when("seed", 2)],
        [],
        "parameters.1.when.values",
        "seed is never 2: it goes from 1 to 9, in steps of 2.",
    ),
    ([whole("seed", 1, 9), BETA | when("seed", "3")], [], "parameters.1.when.values", "seed is never 3"),
    ([SIZE], [], "parameters.0.name", "var.size acts nowhere by itself"),
    ([words("lora.rank", 4, 8)], [], "parameters.0.name", "adapters have no such field"),
    ([words("lora.r", 0, 8)], [], "parameters.0.choices", "r must be 1 or more, not 0."),
    ([BATCH], [formula("", "1")], "derived.0.name", "Choose what the value is for."),
    ([BATCH], [formula("warmup_stpes", "1")], "derived.0.name", "Did you mean warmup_steps?"),
    ([BATCH], [formula("output_dir", "1")], "derived.0.name", "hpweb sets it itself"),
    ([BATCH], [formula("seed", "1")], "derived.0.name", "The seed of a trial can't be computed"),
    ([BATCH], [formula("per_device_train_batch_size", "1")], "derived.0.name", "is drawn or computed already"),
    ([BATCH], [formula(ACCUMULATION, "")], "derived.0.formula", "Give a formula"),
    ([BATCH], [formula(ACCUMULATION, 7)], "derived.0.formula", "Give a formula"),
    ([BATCH], [formula(ACCUMULATION, "1 +")], "derived.0.formula", "cannot be read"),
    ([BATCH], [formula(ACCUMULATION, "1" * 501)], "derived.0.formula", "the most is 500 characters"),
    ([BATCH], [formula(ACCUMULATION, "per_device_train_batch_sise")], "derived.0.formula", "Did you mean per_device"),
    ([BATCH], [formula(ACCUMULATION, "int(weight_decay)")], "derived.0.formula", "weight_decay is not searched here"),
    ([BATCH], [formula(ACCUMULATION, "proceses")], "derived.0.formula", "Did you mean processes?"),
    (
        [BATCH],
        [formula(ACCUMULATION, "2 * var.x"), formula("var.x", "2")],
        "derived.0.formula",
        "var.x is computed below: move it up",
    ),
    ([BATCH], [formula("var.x", "2")], "derived.0.name", "var.x acts nowhere by itself"),
    ([BATCH], [formula(ACCUMULATION, "per_device_train_batch_size / 0")], "derived.0.formula", "divides by zero"),
    ([BATCH], [formula(ACCUMULATION, "per_device_train_batch_size / 3")], "derived.0.formula", "a whole number"),
    ([BATCH], [formula(ACCUMULATION, "open('x')")], "derived.0.formula", "cannot be computed"),
    ([BATCH], [lookup("weight_decay", "optim", 0.1)], "derived.0.of", "optim is no row with choices"),
    ([SIZE], [lookup("weight_decay", "var.size", 0.1)], "derived.0.values", "1 values for the 2 choices of var.size"),
    ([SIZE], [lookup("weight_decay", "var.size", 0.1, -1)], "derived.0.values", "For large: weight_decay must be 0"),
    ([BATCH], [{"type": "guess", "name": ACCUMULATION}], "derived.0.type", "Choose formula or lookup."),
    ([BATCH], [BATCH] * 100, "parameters", "101 parameters are too many"),
]


@pytest.mark.parametrize(
    ("rows", "derived", "path", "sentence"), BAD, ids=[f"{index}-{entry[2]}" for index, entry in enumerate(BAD)]
)
def test_it_is_refused_at_its_field(
    rows: list[dict[str, Any]], derived: list[dict[str, Any]], path: str, sentence: str
) -> None:
    space, problems = check_rows(rows, derived, task=TEXT)
    assert space is None
    assert [problem.path for problem in problems if not problem.warning] == [path]
    assert sentence in problems[0].message


GOOD_ROWS = [
    OPTIM,
    BETA | when("optim", "sgd"),
    SIZE,
    words("var.effective_batch_size", 64, 128),
    BATCH,
    whole("lora.r", 2, 16, log=True),
]
GOOD_DERIVED = [
    lookup("weight_decay", "var.size", 0, 0.1),
    formula(ACCUMULATION, "max(1, var.effective_batch_size // (per_device_train_batch_size * processes))"),
    formula("lora.alpha", "2 * lora.r"),
    formula("adam_beta2", "1 - (1 - adam_beta1) / 10"),
]


def test_conditions_and_derived_values_are_kept_and_typed() -> None:
    space, problems = check_rows(GOOD_ROWS, GOOD_DERIVED, task=TEXT)
    assert problems == []
    assert space is not None
    assert space.parameters[1].when is not None
    assert space.parameters[1].when.values == ("sgd",)
    assert space.derived[0].model_dump()["values"] == (0.0, 0.1)
    assert type(space.derived[0].model_dump()["values"][0]) is float
    assert check_space(space, task=TEXT) == (space, [])


def test_a_value_that_fails_at_some_ends_only_is_a_warning() -> None:
    space, problems = check_rows([BATCH], [formula(ACCUMULATION, "16 // per_device_train_batch_size")], task=TEXT)
    assert space is not None
    assert [(problem.path, problem.warning) for problem in problems] == [("derived.0.formula", True)]
    assert problems[0].message == (
        "With per_device_train_batch_size 64, gradient_accumulation_steps must be 1 or more, not 0. Such trials fail."
    )
    # With two processes there is no batch left for either.
    text = "8 // per_device_train_batch_size // processes"
    assert check_rows([BATCH], [formula(ACCUMULATION, text)], task=TEXT, processes=2)[0] is None


BERT = ConfigModel(
    model_type="bert", fields={"hidden_size": 64, "num_attention_heads": 4, "max_position_embeddings": 100}
)


@pytest.mark.parametrize(
    ("rows", "derived", "found"),
    [
        ([words("model.num_attention_heads", 2, 3)], [], ("space.model.num_attention_heads", False)),
        # What lies between the ends is judged too.
        ([whole("model.num_attention_heads", 2, 4)], [], ("space.model.num_attention_heads", False)),
        (
            [words("model.hidden_size", 60, 64), words("model.num_attention_heads", 4, 5)],
            [],
            ("space.model.hidden_size", True),
        ),
        ([words("model.hidden_size", 60, 64), words("model.num_attention_heads", 4, 2)], [], None),
        ([SIZE], [lookup("model.hidden_size", "var.size", 64, 66)], ("space.var.size", False)),
        ([SIZE], [lookup("model.hidden_size", "var.size", 64, 128)], None),
        (
            [
                words("model.num_attention_heads", 4, 5),
                words("model.hidden_size", 60, 80) | when("model.num_attention_heads", 5),
            ],
            [],
            None,
        ),
        ([words("data.max_length", 64, 128)], [], ("space.data.max_length", False)),
        ([words("data.max_length", 32, 64)], [], None),
        ([SIZE], [lookup("data.max_length", "var.size", 64, 128)], ("space.var.size", False)),
        ([words("model.num_hidden_layers", 1, 2)], [], None),
    ],
)
def test_only_what_no_setting_of_the_others_can_mend_is_refused(
    rows: list[dict[str, Any]], derived: list[dict[str, Any]], found: tuple[str, bool] | None
) -> None:
    space, problems = check_rows(rows, derived, task=TEXT, source=BERT)
    assert problems == []
    assert space is not None
    problems = check_extremes(BERT, space, {"max_length": 32})
    assert [(problem.path, problem.warning) for problem in problems] == ([found] if found else [])


def test_fixed_texts_that_are_longer_than_the_model_reads_are_refused_at_their_setting() -> None:
    space = SearchSpace.model_validate({"parameters": [words("model.num_hidden_layers", 1, 2)]})
    (problem,) = check_extremes(BERT, space, {"max_length": 128})
    assert problem.path == "data_settings.max_length"
    assert problem.message.startswith("Texts of 128 tokens are longer than the model can read (100)")


def test_a_backend_says_what_it_cannot_do_with_a_space() -> None:
    space = SearchSpace.model_validate({"parameters": [OPTIM, BETA | when("optim", "sgd")]})
    assert check_space_for(space, OptunaBackend()) == []
    assert check_space_for(space, RayBackend()) == []
    assert check_space_for(space, WandbBackend()) == []
    for backend in (
        OptunaBackend(sampler=NamedChoice(name="grid")),
        RayBackend(search=NamedChoice(name="hyperopt")),
        WandbBackend(method="bayes"),
        WandbBackend(method="grid"),
    ):
        problems = check_space_for(space, backend)
        assert problems
        assert {problem.path for problem in problems} == {"backend"}
        assert "condition" in problems[0].message
