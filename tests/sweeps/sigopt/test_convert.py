"""SigOpt definitions become spaces; what could not be carried over is said."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runners.protocol.objective import Objective
from runners.protocol.space import CategoricalParameter, FloatParameter, IntParameter, When
from sweeps.sigopt.convert import convert
from sweeps.sigopt.definition import NotADefinition, read_definition

DEFINITION = {
    "name": "bert",
    "parameters": [
        {"name": "learning_rate", "type": "double", "bounds": {"min": 1e-5, "max": 1e-3}, "transformation": "log"},
        {"name": "batch_size", "type": "int", "grid": [8, 16, 32]},
        {"name": "num_train_epochs", "type": "int", "bounds": {"min": 1, "max": 4}},
        {"name": "hidden_act", "type": "categorical", "categorical_values": [{"name": "gelu"}, {"name": "relu"}]},
        {
            "name": "adam_beta1",
            "type": "double",
            "bounds": {"min": 0.8, "max": 0.95},
            "conditions": {"optim": ["adamw_torch"]},
        },
        {"name": "strange thing", "type": "double", "bounds": {"min": 0, "max": 1}, "prior": {"name": "normal"}},
        {"name": "broken", "type": "double"},
    ],
    "conditionals": [{"name": "optim", "values": ["adamw_torch", "sgd"]}],
    "linear_constraints": [{"type": "less_than", "threshold": 1, "terms": [{"name": "adam_beta1", "weight": 1}]}],
    "metrics": [
        {"name": "accuracy", "objective": "maximize"},
        {"name": "eval_loss", "objective": "minimize"},
        {"name": "seconds", "strategy": "store"},
    ],
    "observation_budget": 30,
    "parallel_bandwidth": 2,
    "tasks": [{"name": "cheap", "cost": 0.1}],
}

ROWS = (
    CategoricalParameter(name="optim", choices=("adamw_torch", "sgd")),
    FloatParameter(name="learning_rate", low=1e-5, high=1e-3, log=True),
    CategoricalParameter(name="per_device_train_batch_size", choices=(8, 16, 32)),
    IntParameter(name="num_train_epochs", low=1, high=4),
    CategoricalParameter(name="model.hidden_act", choices=("gelu", "relu")),
    FloatParameter(name="adam_beta1", low=0.8, high=0.95, when=When(name="optim", values=("adamw_torch",))),
    FloatParameter(name="var.strange_thing", low=0, high=1),
)


def test_everything_that_has_a_counterpart_is_carried_over() -> None:
    made = convert(DEFINITION)
    assert made.space.parameters == ROWS
    assert made.objectives == (
        Objective(metric="eval_accuracy", direction="maximize"),
        Objective(metric="eval_loss", direction="minimize"),
    )
    assert (made.name, made.n_trials, made.children) == ("bert", 30, 2)
    assert [text.split(":")[0] for text in made.lost] == [
        "broken",
        "Metric seconds",
        "A linear constraint over adam_beta1",
        "Tasks with costs (multitask)",
    ]
    assert any("strange thing is no training argument" in text for text in made.notes)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(DEFINITION),
        f"experiment = conn.experiments().create(**{DEFINITION!r})",
        f"sigopt.create_experiment({', '.join(f'{name}={value!r}' for name, value in DEFINITION.items())})",
        repr(DEFINITION),
        f"definition = {DEFINITION!r}",
    ],
    ids=["json", "stars", "call", "dictionary", "assignment"],
)
def test_every_way_of_writing_it_is_read(text: str) -> None:
    assert convert(read_definition(text)) == convert(DEFINITION)


def test_yaml_with_numbers_that_yaml_takes_for_text() -> None:
    text = """
    parameters:
      - name: learning_rate
        type: double
        bounds: {min: 1e-5, max: 1e-3}
        transformation: log
    budget: 12
    """
    made = convert(read_definition(text))
    assert made.space.parameters == ROWS[1:2]
    assert made.n_trials == 12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Paste a definition"),
        ("hello", "a set of names and values"),
        ("{}", "no “parameters”"),
        ("a: [1, 2", "Line"),
        ("create_experiment(parameters=read_them())", "Line 1 is no plain value"),
    ],
)
def test_what_is_no_definition_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(NotADefinition, match=said):
        read_definition(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ["name", "type", "bounds", "grid", "categorical_values", "transformation", "conditions", "prior"]


@given(
    st.fixed_dictionaries(
        {"parameters": st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5) | JSON, max_size=4)},
        optional=dict.fromkeys(
            ("name", "metrics", "budget", "parallel_bandwidth", "conditionals", "linear_constraints"), JSON
        ),
    )
)
def test_no_definition_breaks_it(definition: dict[str, object]) -> None:
    made = convert(definition)
    assert len({row.name for row in made.space.parameters}) == len(made.space.parameters)
