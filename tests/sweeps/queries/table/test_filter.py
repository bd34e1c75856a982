"""Filters: what they find, what they refuse and where, and that they mean the same in the database as in Python."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sweeps.models import Trial
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.filter.parse import parse
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.rows import matching
from tests.factories import Cast
from tests.sweeps.queries.table.world import add_trial, facts, holds, table_sweep

pytestmark = pytest.mark.django_db

TRIALS: list[dict[str, Any]] = [
    {
        "params": {"learning_rate": 0.001, "optim": "adamw_torch", "fp16": True, "model.mixed": "auto", "warmup_steps": 10},
        "values": [0.5, 0.9], "last": {"eval_loss": 0.5, "train_loss": 0.4, "grad_norm": "nan"}, "duration_s": 12.5, "tags": ["baseline"], "starred": True,
    },
    {
        "params": {"learning_rate": 5e-05, "optim": "adafactor", "fp16": False, "model.mixed": 8, "warmup_steps": 0},
        "values": [0.25, 0.95], "last": {"eval_loss": 0.25, "train_loss": 0.3, "grad_norm": 1.5}, "duration_s": 300.0, "tags": ["baseline", "Long one"],
    },
    {"params": {"learning_rate": 0.05, "optim": "sgd", "fp16": False, "model.mixed": None}, "values": ["nan", 0.1], "state": "fail",
     "failure_code": "oom", "failure_message": "Out of memory", "last": {}},
    {"params": {"learning_rate": 0.1, "optim": "sgd"}, "state": "running", "last": {"train_loss": 2.0}, "note": "Look at *this*"},
    {"params": {"learning_rate": 1e-05, "optim": "adamw_torch", "warmup_steps": 100}, "state": "pruned", "values": [1.0], "duration_s": 3700.0},
]  # fmt: skip


@pytest.fixture
def world(cast: Cast) -> Any:
    sweep = table_sweep(cast.team)
    for number, fields in enumerate(TRIALS):
        add_trial(sweep, number, **fields)
    return sweep


FOUND: list[tuple[str, list[int]]] = [
        ("", [0, 1, 2, 3, 4]),
        ("learning_rate < 1e-4 and state = complete", [1]),
        ("learning_rate = 0.05", [2]),
        ("value < 0.6", [0, 1]),
        ("eval_loss < 0.6", [0, 1]),
        ("value:1 >= 0.9", [0, 1]),
        ("eval_accuracy >= .95", [1]),
        ("train_loss > 1", [3]),
        ("metric:eval_loss = 0.25", [1]),
        ("grad_norm = none", [0, 2, 3, 4]),
        ("tag = baseline", [0, 1]),
        ("tag = 'Long one'", [1]),
        ("tag contains LONG", [1]),
        ("tag = none", [2, 3, 4]),
        ("starred", [0]),
        ("not starred", [1, 2, 3, 4]),
        ("starred = false", [1, 2, 3, 4]),
        ("number in 1..3", [1, 2, 3]),
        ("number in (0, 3..9)", [0, 3, 4]),
        ("number not in (0, 3..9)", [1, 2]),
        ("state in (fail, pruned)", [2, 4]),
        ("state = failed or state = RUNNING", [2, 3]),
        ("optim contains ada", [1, 0, 4]),
        ("optim not contains ADA", [2, 3]),
        ("optim != sgd and not (number = 4)", [0, 1]),
        ("fp16", [0]),
        ("fp16 = false", [1, 2]),
        ("`model.mixed` = 8", [1]),
        ("model.mixed = auto", [0]),
        ("model.mixed = none", [2, 3, 4]),
        ("warmup_steps >= 0", [0, 1, 4]),
        ("duration > 4min", [1, 4]),
        ("duration in 1min..2h", [1, 4]),
        ("value > train_loss", [0]),
        ("failure = oom", [2]),
        ("message contains memory", [2]),
        ("note contains this", [3]),
        ("runner = none", [0, 1, 2, 3, 4]),
        ("warmup_steps != 10", [1, 2, 3, 4]),
        ("STARRED and (state=complete or state=pruned)", [0]),
]  # fmt: skip


def test_what_a_filter_finds(world: Any) -> None:
    columns = columns_of(world)
    for text, numbers in FOUND:
        found = matching(world, text, columns).values_list("number", flat=True)
        assert list(found) == sorted(numbers), text


REFUSED: list[tuple[str, str, str]] = [
        ("learning_rat < 1", "There is no column `learning_rat`. Did you mean `learning_rate`?", "learning_rat"),
        ("state = compleat", "`state` is never `compleat`. Did you mean `complete`?", "compleat"),
        ("optim = x", "`optim` is never `x`. It can be adamw_torch, adafactor, sgd.", "x"),
        ("state < complete", "`state` has no order, so `<` says nothing: use `=`, `!=`, `in` or `contains`.", "<"),
        ("learning_rate < high", "`learning_rate` is a number, and `high` is none. Write it as 0.1 or 1e-4.", "high"),
        ("learning_rate", "What is `learning_rate` to be? Go on as in `learning_rate < 0.1`.", "learning_rate"),
        ("learning_rate <", "After `<` a value is missing: a number, a word, or text in double quotes.", ""),
        ("learning_rate < 3x", "`3x` is no number. If it is text, put it into double quotes.", "3x"),
        ("learning_rate < 5min", "`learning_rate` is no time: take the unit `min` away.", "5min"),
        ("number in 5..1", "The smaller number stands first, such as `1..20`.", "5..1"),
        ("number in (1, 2", "The list that begins here is not closed: add `)`.", "("),
        ("(starred", "The bracket that opens here is not closed: add `)`.", "("),
        ("starred)", "This bracket closes nothing: take it out, or open one before.", ")"),
        ("starred state = fail", "Before `state` stands a whole condition: join them by `and` or `or`.", "state"),
        ('tag = "x', 'The quote " that begins here does not end: add ".', '"x'),
        ("tag = &", "`&` has no meaning here. Text stands in double quotes.", "&"),
        ("and", "A condition begins with a column's name, such as `state = complete`.", "and"),
        ("learning_rate = 1e999", "1e999 is too large a number.", "1e999"),
        ("learning_rate contains 1", "`learning_rate` is no text that could contain anything.", "1"),
        ("latest = 1", "There is no column `latest`. There are number, state, eval_loss, eval_accuracy, duration, learning_rate and others.", "latest"),
        ("(" * 40, "Brackets and `not` go 30 deep at most.", "("),
        ("tag = 'a\0b'", "The character U+0000 can't stand in a filter: take it out.", "\0"),
]  # fmt: skip
"""Filter, message, and the text that it points at."""


def test_what_a_filter_refuses_and_where(world: Any) -> None:
    columns = columns_of(world)
    for text, message, where in REFUSED:
        with pytest.raises(FilterProblem) as refused:
            list(matching(world, text, columns))
        assert refused.value.message == message
        assert text[refused.value.at : refused.value.end] == where


def problem_of(text: str) -> FilterProblem | None:
    try:
        parse(text)
    except FilterProblem as problem:
        return problem
    return None


@settings(max_examples=200, deadline=None)
@given(st.text() | st.lists(st.sampled_from([*"()<>=!,.'\"`", "..", "and", "or", "not", "in", "contains", "tag", "number", "1e4", "5min", "-", " ", "none"])).map(" ".join))  # fmt: skip
def test_any_text_is_a_filter_or_a_problem_with_a_place(text: str) -> None:
    problem = problem_of(text)
    if problem is not None:
        assert problem.message
        assert 0 <= problem.at < problem.end <= len(text) + 1


NUMERIC = st.sampled_from(
    ["number", "eval_loss", "eval_accuracy", "train_loss", "learning_rate", "warmup_steps", "duration"]
)
FIGURES = st.sampled_from(["0", "1", "0.5", "1e-5", "-1", "10", "100", "0.001", "12.5"])
SIGNS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
CONDITIONS = st.one_of(
    st.tuples(NUMERIC, SIGNS, FIGURES).map(" ".join),
    st.tuples(NUMERIC, st.sampled_from(["<", ">="]), NUMERIC).map(" ".join),
    st.tuples(NUMERIC, FIGURES).map(lambda parts: f"{parts[0]} in (0..1, {parts[1]})"),
    st.tuples(st.sampled_from(["=", "!=", "contains"]), st.sampled_from(["adamw_torch", "sgd"])).map(lambda parts: f"optim {' '.join(parts)}"),
    st.tuples(st.sampled_from(["=", "!="]), st.sampled_from(["complete", "fail", "running"])).map(lambda parts: f"state {' '.join(parts)}"),
    st.sampled_from(["starred", "fp16", "tag = a", "tag = none", "tag contains B", "model.mixed = auto", "model.mixed > 5", "warmup_steps = none", "fp16 = none"]),
)  # fmt: skip
FILTERS = st.recursive(
    CONDITIONS,
    lambda parts: st.one_of(
        parts.map(lambda part: f"not ({part})"),
        st.tuples(parts, st.sampled_from(["and", "or"]), parts).map(lambda each: f"({' '.join(each)})"),
    ),
    max_leaves=6,
)
FIGURE = st.sampled_from([0.5, 1.0, 0.001, 12.5, 1e-5, 0, 10, "nan", "inf", 3.25])
TRIAL = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["complete", "fail", "running"]),
        "params": st.fixed_dictionaries(
            {"learning_rate": st.sampled_from([1e-5, 0.001, 0.5])},
            optional={
                "optim": st.sampled_from(["adamw_torch", "sgd"]),
                "fp16": st.booleans(),
                "model.mixed": st.sampled_from(["auto", 8, 4]),
                "warmup_steps": st.integers(0, 100),
            },
        ),
        "values": st.lists(FIGURE, max_size=2),
        "last": st.dictionaries(st.sampled_from(["train_loss", "grad_norm"]), FIGURE),
        "duration_s": st.sampled_from([None, 0.5, 12.5, 100.0]),
        "tags": st.sets(st.sampled_from(["a", "ab", "c"])),
        "starred": st.booleans(),
    }
)


def check_same(cast: Cast, trials: list[dict[str, Any]], texts: list[str]) -> None:
    sweep = table_sweep(cast.team)
    for number, fields in enumerate([*trials, {"last": {"train_loss": 1.0}}]):
        add_trial(sweep, number, **fields)
    columns = columns_of(sweep)
    every = [facts(trial) for trial in Trial.objects.filter(sweep=sweep).order_by("number")]
    for text in texts:
        node = parse(text)
        assert node is not None
        found = list(matching(sweep, text, columns).values_list("number", flat=True))
        assert found == [of["number"] for of in every if holds(node, of)], text
    sweep.delete()


SAME_WORLD = [HealthCheck.function_scoped_fixture]
"""The people stay, each example makes a sweep of its own."""


@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=SAME_WORLD)
@given(trials=st.lists(TRIAL, min_size=1, max_size=8), texts=st.lists(FILTERS, min_size=10, max_size=20))
def test_the_database_finds_what_python_does(cast: Cast, trials: list[dict[str, Any]], texts: list[str]) -> None:
    check_same(cast, trials, texts)


@pytest.mark.full
@settings(max_examples=1500, deadline=None, suppress_health_check=SAME_WORLD)
@given(trials=st.lists(TRIAL, min_size=1, max_size=8), texts=st.lists(FILTERS, min_size=10, max_size=20))
def test_the_database_finds_what_python_does_at_length(cast: Cast, trials: Any, texts: Any) -> None:
    check_same(cast, trials, texts)
