"""Messages survive JSON, are closed, and name what is wrong."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runners.protocol import states
from runners.protocol.backends import optuna_of
from runners.protocol.events import Metrics, ModelFile, event_adapter
from runners.protocol.job import Batch
from runners.protocol.spec import SweepSpec

SPEC: dict[str, Any] = {
    "task": "text-classification",
    "model": {"source": "config", "model_type": "bert", "fields": {"hidden_size": 64}},
    "processor": {"source": "trained", "vocab_size": 1000},
    "data": {
        "source": "artifact",
        "digest": "0" * 64,
        "train": {"sha256": "1" * 64, "size": 10, "rows": 8},
        "eval": {"sha256": "2" * 64, "size": 10, "rows": 2},
        "labels": ["a", "b"],
    },
    "space": {"parameters": [{"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True}]},
    "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
    "budget": {"n_trials": 8},
}


@given(st.dictionaries(st.text(min_size=1, max_size=10), st.floats(), max_size=5))
def test_metrics_survive_json_nan_and_infinity_included(values: dict[str, float]) -> None:
    event = Metrics(seq=1, t=0.5, number=0, attempt=1, step=3, values=values)
    again = event_adapter.validate_json(event.model_dump_json())
    assert isinstance(again, Metrics)
    assert again.values.keys() == values.keys()
    for name, value in values.items():
        assert again.values[name] == value or (math.isnan(value) and math.isnan(again.values[name]))


def test_a_spec_survives_json() -> None:
    spec = SweepSpec.model_validate(SPEC)
    assert SweepSpec.model_validate_json(spec.model_dump_json()) == spec
    assert spec.threads == 1
    assert optuna_of(spec.backend).sampler.name == "tpe"


def test_a_spec_refuses_a_parameter_that_is_fixed_too() -> None:
    with pytest.raises(ValidationError, match="learning_rate: fixed in the training arguments and searched"):
        SweepSpec.model_validate(SPEC | {"arguments": {"learning_rate": 1e-3}})


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (
            {"type": "metrics", "number": 0, "attempt": 1, "step": 1, "values": {"loss": "big"}},
            "events.0.metrics.values.loss",
        ),
        ({"type": "metrics", "number": 0, "attempt": 1, "step": -1, "values": {}}, "events.0.metrics.step"),
        (
            {"type": "metrics", "number": 0, "attempt": 1, "step": 1, "values": {"loss": True}},
            "events.0.metrics.values.loss",
        ),
        ({"type": "surprise"}, "events.0"),
        ({"type": "log", "stream": "stdout", "text": "x", "extra": 1}, "events.0.log.extra"),
        (
            {"type": "trial_started", "number": 0, "attempt": 0, "child": "c", "params": {}, "seed": 1},
            "events.0.trial_started.attempt",
        ),
    ],
)
def test_a_bad_event_is_named(event: dict[str, Any], place: str) -> None:
    batch = {"claim_id": "0" * 32, "first_seq": 1, "sent_t": 1.0, "events": [{"seq": 1, "t": 0.0, **event}]}
    with pytest.raises(ValidationError) as caught:
        Batch.model_validate(batch)
    assert ".".join(str(part) for part in caught.value.errors()[0]["loc"]) == place


@pytest.mark.parametrize("path", ["../x", "/x", "a/../b", "a//b", ".hidden", "a\\b", "", "a/.b"])
def test_a_model_file_stays_in_its_folder(path: str) -> None:
    with pytest.raises(ValidationError):
        ModelFile(path=path, sha256="0" * 64, size=1)


@pytest.mark.parametrize(
    ("transitions", "members"),
    [
        (states.SWEEP_TRANSITIONS, set(states.SweepState)),
        (states.TRIAL_TRANSITIONS, set(states.TrialState)),
        (states.ATTEMPT_TRANSITIONS, set(states.AttemptState)),
        (states.JOB_TRANSITIONS, set(states.JobState)),
    ],
)
def test_every_state_has_its_transitions(transitions: dict[Any, frozenset[Any]], members: set[Any]) -> None:
    assert set(transitions) == members
    assert set().union(*transitions.values()) <= members


def test_a_finished_trial_never_changes() -> None:
    assert all(not states.TRIAL_TRANSITIONS[state] for state in states.FINISHED_TRIAL)
    assert states.COUNTED_TRIAL < states.FINISHED_TRIAL
