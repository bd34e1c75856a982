"""A trial that was killed goes on from its checkpoint: value by value as if nothing had happened."""

from pathlib import Path
from typing import Any

import pytest

from runners.process.search.outcome import Outcome
from runners.protocol.job import Permit
from runners.protocol.spec import SweepSpec
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.samples import COUNTING, MASKED, Sample, sample_sweep
from tests.runners.process.small_supervisor import Inside, SmallSupervisor, end

DROPOUT: dict[str, Any] = {
    **TEXT,
    "model": {
        **TEXT["model"],
        "fields": {**TEXT["model"]["fields"], "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.1},
    },
    "space": {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 2e-4, "high": 1e-2, "log": True},
            {"type": "categorical", "name": "lr_scheduler_type", "choices": ["linear", "cosine"]},
        ]
    },
    "arguments": {
        "num_train_epochs": 3,
        "eval_strategy": "epoch",
        "logging_steps": 4,
        "per_device_train_batch_size": 16,
        "per_device_eval_batch_size": 128,
    },
    "keep_best": False,
}
QUICK: dict[str, Any] = DROPOUT["arguments"]
EACH = {"every": "evaluation"}
SEVEN: dict[str, Any] = {"checkpoints": {"every": "steps", "steps": 7}}
FEW: dict[str, Any] = {"checkpoints": {"every": "steps", "steps": 1}}
ACCURACY = {"metric": "eval_accuracy", "direction": "maximize"}
RATE = {"type": "float", "name": "learning_rate", "low": 2e-4, "high": 1e-2, "log": True}
Pair = tuple[SmallSupervisor, SmallSupervisor]


def dies_at(number: int, last: int) -> Inside:
    """A death in trial `number` when it logs this step."""

    def inside() -> None:
        real = Outcome.logged

        def logged(self: Outcome, step: int, epoch: float | None, values: dict[str, float]) -> None:
            real(self, step, epoch, values)
            if self.permit.number == number and step >= last:
                end()

        Outcome.logged = logged  # type: ignore[method-assign]  # in the forked child alone

    return inside


def curve(supervisor: SmallSupervisor, number: int) -> dict[str, list[Any]]:
    """All that was told of a trial, as its page shows it: of an earlier attempt what came before its checkpoint."""
    told: list[tuple[str, Any]] = []
    at_checkpoint: dict[tuple[Any, Any], int] = {}
    for event in supervisor.events:
        if event.get("number") != number:
            continue
        match event["type"]:
            case "trial_started":
                resumed = (event.get("resumed_attempt"), event.get("resumed_step"))
                told = told[: at_checkpoint.get(resumed, 0)]
            case "checkpoint_saved":
                at_checkpoint[event["attempt"], event["step"]] = len(told)
            case "metrics":
                told.append(("metrics", (event["step"], event["epoch"], timeless(event["values"]))))
            case "reported":
                told.append(("reported", (event["step"], event["epoch"], event["value"])))
            case "trial_finished":
                told.append(("finished", (event["state"], event["values"], timeless(event["metrics"]))))
    return {kind: [what for each, what in told if each == kind] for kind in ("metrics", "reported", "finished")}


def timeless(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if not name.endswith(("runtime", "per_second"))}


def both(tmp_path: Path, made: tuple[SweepSpec, dict[str, str]], step: int, **job: Any) -> Pair:
    """(undisturbed, killed in trial 1 at `step`), two trials each."""
    spec, files = made
    undisturbed = SmallSupervisor(tmp_path / "undisturbed", spec, files)
    undisturbed.run(2)
    killed = SmallSupervisor(tmp_path / "killed", spec, files, tokenizer=undisturbed.tokenizer, **job)
    killed.run(2, [dies_at(1, step)])
    assert killed.children == 2
    return undisturbed, killed


def assert_no_seam(pair: Pair, resumed_step: int) -> None:
    undisturbed, killed = pair
    started = [event for event in killed.of_type("trial_started") if event["number"] == 1]
    assert [(event["attempt"], event.get("resumed_attempt"), event.get("resumed_step")) for event in started] == [
        (1, None, None),
        (2, 1, resumed_step),
    ]
    assert started[0]["params"] == started[1]["params"]
    for number in range(2):
        assert curve(killed, number) == curve(undisturbed, number)


def test_a_killed_trial_goes_on_without_a_seam(tmp_path: Path) -> None:
    # The checkpoint lies between two logged losses, and in the middle of an epoch.
    undisturbed, killed = both(tmp_path, sweep(DROPOUT, 120, checkpoints={"every": "steps", "steps": 7}), 12)
    assert_no_seam((undisturbed, killed), 7)
    saved = [event for event in killed.of_type("checkpoint_saved") if event["number"] == 1]
    assert [(event["attempt"], event["step"]) for event in saved] == [(1, 7), (2, 14)]
    assert saved[0]["bytes"] > 1e6
    assert [path.name for path in (killed.path / "checkpoints" / "1").iterdir()] == ["2-14"], "the newest alone"


CASES: dict[str, tuple[dict[str, Any], int, int]] = {
    "each evaluation": ({"checkpoints": {"every": "evaluation"}}, 16, 12),
    "a step at the end of an epoch": ({"checkpoints": {"every": "steps", "steps": 6}}, 10, 6),
    "accumulated batches": (
        {**FEW, "arguments": {**QUICK, "gradient_accumulation_steps": 3, "logging_steps": 2}},
        5,
        5,
    ),
    "evaluations between": ({**FEW, "arguments": {**QUICK, "eval_strategy": "steps", "eval_steps": 5}}, 16, 15),
    "rows by length": ({**FEW, "arguments": {**QUICK, "train_sampling_strategy": "group_by_length"}}, 12, 11),
    "the best evaluation counts": ({**FEW, "objectives": [{**ACCURACY, "over": "best"}]}, 16, 15),
    "two objectives": ({**FEW, "objectives": [ACCURACY, {"metric": "eval_loss", "direction": "minimize"}]}, 16, 15),
    "adapters": ({**FEW, "lora": {"r": 4, "dropout": 0.1, "target_modules": ["query", "value"]}}, 12, 11),
}


@pytest.mark.full
@pytest.mark.parametrize("case", CASES)
def test_no_seam_in_any_kind_of_training(case: str, tmp_path: Path) -> None:
    changes, killed_at, resumed_at = CASES[case]
    assert_no_seam(both(tmp_path, sweep(DROPOUT, 120, **changes), killed_at), resumed_at)


@pytest.mark.full
@pytest.mark.parametrize("sample", [MASKED, COUNTING], ids=lambda sample: sample.task)
def test_no_seam_in_language_modelling(sample: Sample, tmp_path: Path) -> None:
    """Masks are drawn for each batch, one batch ahead."""
    arguments = {**sample.arguments, "num_train_epochs": 2, "logging_steps": 5}
    assert_no_seam(both(tmp_path, sample_sweep(sample, arguments=arguments, **SEVEN), 24), 21)


@pytest.mark.full
def test_no_seam_where_images_are_changed_at_random(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "data_settings": {"crop": 2},
        "arguments": {**IMAGES["arguments"], "num_train_epochs": 3},
        **SEVEN,
    }
    rows = {"parameters": [{"type": "categorical", "name": "per_device_train_batch_size", "choices": [16]}]}
    assert_no_seam(both(tmp_path, sweep(IMAGES, 150, space=rows, **changes), 20), 14)


def test_without_a_checkpoint_in_reach_it_starts_again_and_says_so(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 60, arguments={**IMAGES["arguments"], "num_train_epochs": 1}, checkpoints=EACH)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    drawn = {row.name: getattr(row, "low", None) or getattr(row, "choices", [1])[0] for row in spec.space.parameters}
    supervisor.lost = [Permit(number=0, attempt=2, params=drawn)]
    supervisor.run(0)
    (started,) = supervisor.of_type("trial_started")
    assert started["note"] == "Started from the beginning: this runner has no checkpoint of an earlier attempt."
    assert "resumed_step" not in started
