"""One and two processes measure the same, also where a model's loss is a mean over tokens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runners.process.distributed.hands import LOSS
from tests.runners.process.material import IMAGES, sweep
from tests.runners.process.samples import SAMPLES, sample_sweep
from tests.runners.process.small_supervisor import SmallSupervisor

STILL = {"parameters": [{"type": "categorical", "name": "learning_rate", "choices": [0.0]}]}
"""Without training, so that only the measurement can differ."""


def measured(make: Callable[[int], tuple[Any, dict[str, str]]], path: Path) -> list[dict[str, float]]:
    """The metrics of one trial in one process and in two."""
    tables: list[dict[str, float]] = []
    # The library that trains tokenizers does not make the same one twice.
    tokenizer = None
    for processes in (1, 2):
        spec, files = make(processes)
        supervisor = SmallSupervisor(path / str(processes), spec, files, tokenizer=tokenizer)
        supervisor.run(1)
        tokenizer = supervisor.tokenizer
        assert supervisor.failed is None
        (end,) = supervisor.of_type("trial_finished")
        timing = ("runtime", "per_second")
        tables.append({name: value for name, value in end["metrics"].items() if not name.endswith(timing)})
    return tables


@pytest.mark.full
@pytest.mark.parametrize(("rows", "batch"), [(101, 8), (101, 64), (35, 2)], ids=["uneven", "filled", "many"])
def test_images(rows: int, batch: int, tmp_path: Path) -> None:
    arguments = {**IMAGES["arguments"], "num_train_epochs": 1, "per_device_eval_batch_size": batch}

    def make(processes: int) -> tuple[Any, dict[str, str]]:
        return sweep(IMAGES, rows, arguments=arguments, space=STILL, objectives=LOSS, processes=processes)

    one, two = measured(make, tmp_path)
    assert {"eval_loss", "eval_accuracy"} <= set(one)
    assert two == pytest.approx(one, rel=1e-6)


@pytest.mark.full
@pytest.mark.parametrize("batch", [7, 64])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.metric + "-" + sample.task)
def test_tasks(sample: Any, batch: int, tmp_path: Path) -> None:
    arguments = {**sample.arguments, "num_train_epochs": 1, "per_device_eval_batch_size": batch}

    def make(processes: int) -> tuple[Any, dict[str, str]]:
        return sample_sweep(sample, n_trials=1, arguments=arguments, space=STILL, processes=processes)

    one, two = measured(make, tmp_path)
    assert "eval_loss" in one
    assert two == pytest.approx(one, rel=1e-6)
