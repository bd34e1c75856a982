"""Parameters that make no model, or from which no value follows, through a real child: failed trials with a sentence."""

from pathlib import Path
from typing import Any

import pytest

from tests.runners.process.material import TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor


def words(name: str, *choices: Any) -> dict[str, Any]:
    return {"type": "categorical", "name": name, "choices": list(choices)}


SPACE = {
    "parameters": [words("model.hidden_size", 32, 30), words("model.num_attention_heads", 4, 5)],
    "derived": [
        {"type": "formula", "name": "model.intermediate_size", "formula": "2 * model.hidden_size"},
        {"type": "formula", "name": "gradient_accumulation_steps", "formula": "model.num_attention_heads - 4"},
    ],
}


@pytest.mark.full
def test_with_ray_too(tmp_path: Path) -> None:
    backend = {"name": "ray", "search": {"name": "grid"}}
    rows = [words("per_device_train_batch_size", 8, 16), words("model.num_attention_heads", 4, 2)]
    text = "16 - per_device_train_batch_size"
    formula = {"type": "formula", "name": "gradient_accumulation_steps", "formula": text}
    spec, files = sweep(
        TEXT,
        60,
        n_trials=4,
        space={"parameters": rows, "derived": [formula]},
        backend=backend,
        arguments=TEXT["arguments"] | {"num_train_epochs": 1},
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(4)
    assert supervisor.failed is None
    params = {event["number"]: tuple(event["params"].values()) for event in supervisor.of_type("trial_started")}
    ends = {
        params[event["number"]]: (event["state"], event.get("failure_message", ""))
        for event in supervisor.of_type("trial_finished")
    }
    refused = ("fail", "gradient_accumulation_steps must be 1 or more, not 0.")
    assert ends == {(8, 4): ("complete", ""), (8, 2): ("complete", ""), (16, 4): refused, (16, 2): refused}


def test_what_some_combinations_cannot_do_fails_their_trials_alone(tmp_path: Path) -> None:
    backend = {"name": "optuna", "sampler": {"name": "brute_force"}}
    arguments = TEXT["arguments"] | {"num_train_epochs": 1}
    spec, files = sweep(TEXT, 120, n_trials=4, space=SPACE, backend=backend, arguments=arguments)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(4)
    assert supervisor.failed is None
    params = {event["number"]: tuple(event["params"].values()) for event in supervisor.of_type("trial_started")}
    ends = {
        params[event["number"]]: (event["state"], event.get("failure_message", ""))
        for event in supervisor.of_type("trial_finished")
    }
    assert sorted(ends) == [(30, 4), (30, 5), (32, 4), (32, 5)]
    assert ends[30, 5][0] == "complete"
    assert ends[30, 4] == ends[32, 4] == ("fail", "gradient_accumulation_steps must be 1 or more, not 0.")
    assert ends[32, 5][0] == "fail"
    assert ends[32, 5][1].startswith(
        "No model can be made with model.hidden_size = 32, model.num_attention_heads = 5, "
        "model.intermediate_size = 64: The hidden size (32) is not a multiple"
    )
