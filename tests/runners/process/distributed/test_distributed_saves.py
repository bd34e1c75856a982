"""What a trial of several processes leaves: checkpoints, the best model, merged adapters; several objectives."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForImageClassification, AutoModelForSequenceClassification

from runners.process.child import DONE, REPLACE
from tests.runners.process.distributed.hands import LOSS, QUICK, RATE, TWO, at, none_left, raises
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

pytestmark = pytest.mark.full


def test_checkpoints_and_the_best_model(tmp_path: Path) -> None:
    arguments = {**QUICK, "save_strategy": "epoch", "save_total_limit": 1, "num_train_epochs": 2}
    spec, files = sweep(IMAGES, 60, arguments=arguments, space={"parameters": [RATE]}, objectives=LOSS, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "complete"]
    for number in (0, 1):
        states = sorted(supervisor.folder.trial(number).rglob("rng_state_*.pth"))
        # Each rank keeps its own random state, all in the same folder.
        assert {file.name for file in states} == {"rng_state_0.pth", "rng_state_1.pth"}
        (folder,) = {file.parent for file in states}
        assert (folder / "model.safetensors").exists()
    best = min(ends, key=lambda end: (end["values"][0], end["number"]))["number"]
    (folder,) = supervisor.folder.best(0).parent.iterdir()
    assert folder.name == str(best)
    AutoModelForImageClassification.from_pretrained(str(folder))
    assert none_left()


def test_adapters(tmp_path: Path) -> None:
    space = {"parameters": [RATE, {"type": "categorical", "name": "lora.r", "choices": [2, 8]}]}
    arguments = {**TEXT["arguments"], "num_train_epochs": 1}
    lora = {"alpha": 16, "target_modules": ["query", "value"]}
    spec, files = sweep(TEXT, 120, n_trials=4, arguments=arguments, space=space, lora=lora, **TWO)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    # It fails in mid-trial on one rank alone: adapters or not, decided once.
    broken = at("step", 2, raises(ValueError("strange adapter")), on=1)
    assert supervisor.one_child(4, broken) == REPLACE, supervisor.output
    assert supervisor.one_child(4) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [end["state"] for end in ends] == ["complete", "fail", "complete", "complete"]
    assert ends[1]["failure_message"] == "Process 1 of 2: ValueError: strange adapter"
    (folder,) = supervisor.folder.best(0).parent.iterdir()
    assert not (folder / "adapter_config.json").exists()
    model = AutoModelForSequenceClassification.from_pretrained(str(folder))
    with torch.no_grad():
        assert model(input_ids=torch.tensor([[2, 5, 3]])).logits.shape == (1, 12)
    assert none_left()


def test_widths_that_do_not_fit_are_a_failed_trial_on_all_ranks(tmp_path: Path) -> None:
    width = {"type": "categorical", "name": "model.hidden_size", "choices": [64, 60]}
    heads = {"type": "categorical", "name": "model.num_attention_heads", "choices": [4, 8]}
    arguments = {**TEXT["arguments"], "num_train_epochs": 1}
    grid = {"name": "optuna", "sampler": {"name": "grid"}}
    lora = {"target_modules": ["all-linear"]}
    spec, files = sweep(
        TEXT, 120, n_trials=4, arguments=arguments, space={"parameters": [width, heads]}, backend=grid, lora=lora, **TWO
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(4)
    ends = supervisor.of_type("trial_finished")
    assert sorted(end["state"] for end in ends) == ["complete", "complete", "complete", "fail"]
    (failed,) = (end for end in ends if end["state"] == "fail")
    assert "60" in failed["failure_message"]
    # All ranks say the same, so it is the trial, not a process.
    assert "Process" not in failed["failure_message"]
    assert none_left()


def test_several_objectives(tmp_path: Path) -> None:
    objectives = [*LOSS, {"metric": "eval_accuracy", "direction": "maximize"}]
    spec, files = sweep(IMAGES, 60, arguments=QUICK, space={"parameters": [RATE]}, objectives=objectives, keep_best=False, **TWO)  # fmt: skip
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    assert supervisor.one_child(2) == DONE, supervisor.output
    ends = supervisor.of_type("trial_finished")
    assert [(end["state"], len(end["values"])) for end in ends] == [("complete", 2), ("complete", 2)]
    for end in ends:
        assert end["values"] == [end["metrics"]["eval_loss"], end["metrics"]["eval_accuracy"]]
    assert none_left()
