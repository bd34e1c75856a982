"""Values that have been through YAML and JSON are again what their rows say."""

from typing import Any

import pytest

from runners.process.search.wandb_client import settle_environment
from runners.process.search.wandb_values import typed_value
from runners.process.training.refusal import InvalidSpec
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter


@pytest.mark.parametrize(
    ("row", "given", "wanted"),
    [
        (FloatParameter(name="x", low=0, high=2), 1, 1.0),
        (IntParameter(name="x", low=0, high=20), 16.0, 16),
        (CategoricalParameter(name="x", choices=(1, True, "1", 1.5)), True, True),
        (CategoricalParameter(name="x", choices=(True, 1, "1")), 1, 1),
        (CategoricalParameter(name="x", choices=(1.0, 2.0)), 2, 2.0),
        (CategoricalParameter(name="x", choices=(None, "a")), None, None),
    ],
)
def test_a_value_gets_its_rows_type(row: Any, given: Any, wanted: Any) -> None:
    found = typed_value(row, {"x": given})
    assert found == wanted
    assert type(found) is type(wanted)


def test_a_value_that_the_row_cannot_have_is_named() -> None:
    row = CategoricalParameter(name="optim", choices=("adamw_torch", "sgd"))
    with pytest.raises(LookupError, match="proposed 'lion' for optim"):
        typed_value(row, {"optim": "lion"})
    with pytest.raises(LookupError, match=r"proposed no optim\. It proposed: lr"):
        typed_value(row, {"lr": 1})


def test_w_and_b_itself_needs_the_teams_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("os.environ", {})
        with pytest.raises(InvalidSpec, match="enters WANDB_API_KEY on the page Connections"):
            settle_environment("wandb", tmp_path / "wandb")
