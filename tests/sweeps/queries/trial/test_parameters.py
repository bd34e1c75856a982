"""A trial's parameters beside the best trial's and the defaults."""

from typing import Any

from runners.protocol.script import ScriptSpec
from runners.protocol.spec import SweepSpec
from sweeps.queries.trial.parameters import ABSENT, difference, parameter_rows
from tests.sweeps.talk import spec

ROWS: list[dict[str, Any]] = [
    {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True},
    {"type": "int", "name": "var.batch", "low": 1, "high": 64},
    {"type": "int", "name": "model.hidden_size", "low": 32, "high": 1024},
]
FORMULA: dict[str, Any] = {"type": "formula", "name": "gradient_accumulation_steps", "formula": "var.batch // 8"}


def whole_spec() -> SweepSpec:
    return SweepSpec.model_validate(spec(space={"parameters": ROWS, "derived": [FORMULA]}))


def test_rows_have_the_best_trials_values_the_difference_and_the_default() -> None:
    mine = {"learning_rate": 0.003, "var.batch": 32, "model.hidden_size": 768}
    best = {"learning_rate": 0.001, "var.batch": 32, "model.hidden_size": 64}
    rows = {row.name: row for row in parameter_rows(whole_spec(), mine, best)}
    assert list(rows) == [*mine, "gradient_accumulation_steps"]
    rate = rows["learning_rate"]
    assert (rate.value.value, rate.best.value, rate.delta) == (0.003, 0.001, "+0.002 (× 3)")
    assert (rate.default.value, rate.is_default, rate.differs) == (5e-5, False, True)
    # A new BERT is 768 wide unless one says otherwise.
    assert (rows["model.hidden_size"].default.value, rows["model.hidden_size"].is_default) == (768, True)
    assert rows["var.batch"].default.absent
    assert not rows["var.batch"].differs
    steps = rows["gradient_accumulation_steps"]
    assert (steps.derived, steps.value.value, steps.default.value, steps.delta) == (True, 4, 1, "")


def test_the_best_trial_is_compared_with_none() -> None:
    (row,) = parameter_rows(SweepSpec.model_validate(spec()), {"learning_rate": 5e-5}, None)
    assert (row.best.absent, row.delta, row.is_default) == (True, "", True)


def test_a_script_has_no_defaults_and_a_branch_may_be_in_one_trial_only() -> None:
    script: ScriptSpec | None = None
    rows = {row.name: row for row in parameter_rows(script, {"depth": 2}, {"width": 1})}
    assert (rows["depth"].delta, rows["width"].delta) == ("only here", "not there")
    assert rows["depth"].default.absent


def test_differences_are_said_in_words() -> None:
    assert difference(1, 1.0) == ""
    assert difference(True, 1) == "differs"
    assert difference("adam", "sgd") == "differs"
    assert difference(0.5, 2) == "−1.5 (× 0.25)"
    assert difference(0, 2) == "−2"
    assert difference(-1.0, 1.0) == "−2"
    assert difference(ABSENT, ABSENT) == ""
