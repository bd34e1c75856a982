"""The exported script of each task gives what a sweep of that task gives, losses and metrics alike."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from runners.protocol.catalogue import catalogue
from runners.protocol.spec import SweepSpec
from tests.runners.process.samples import SAMPLES, TURNING, Sample, sample_sweep
from tests.runners.process.test_scripts import compare

QUICK: dict[str, Any] = {"num_train_epochs": 1}


def everything(sample: Sample) -> list[dict[str, str]]:
    """Every metric of the task as an objective of its own."""
    entry = catalogue().task(sample.task)
    assert entry is not None
    return [{"metric": metric.name, "direction": "minimize"} for metric in entry.metrics]


def task_sweep(sample: Sample, **changes: Any) -> tuple[SweepSpec, dict[str, str]]:
    """Two quick trials that tell all metrics; the data name their columns, as the server's do."""
    arguments = {**sample.arguments, **QUICK, "eval_strategy": "no", "per_device_train_batch_size": 16}
    wanted = {"objectives": everything(sample), "arguments": arguments, "keep_best": False, **changes}
    spec, files = sample_sweep(sample, **wanted)
    columns = tuple(pq.read_schema(files["train"]).names)
    return spec.model_copy(update={"data": spec.data.model_copy(update={"columns": columns})}), files


def searching(name: str, *choices: Any) -> dict[str, Any]:
    rate = {"type": "categorical", "name": "learning_rate", "choices": [4e-3, 5e-3]}
    return {"parameters": [rate, {"type": "categorical", "name": name, "choices": choices}]}


SEARCHED = {
    "text-classification": searching("data.max_length", 8, 32),
    "multi-label-classification": searching("data.threshold", 0.3, 0.6),
    "text-regression": searching("data.train_fraction", 0.5, 1.0),
    "token-classification": searching("data.train_fraction", 0.5, 0.25),
    "question-answering": searching("data.train_fraction", 0.5, 0.25),
    "causal-lm": searching("data.answers_only", True, False),
    "masked-lm": searching("data.mlm_probability", 0.1, 0.4),
    "seq2seq": searching("data.num_beams", 1, 3),
    "audio-classification": searching("data.max_seconds", 0.1, 0.25),
}
"""A data setting of each task that a trial searches."""


@pytest.mark.parametrize(
    "sample",
    [pytest.param(one, marks=() if one is TURNING else pytest.mark.full, id=f"{one.task}-{place}")
     for place, one in enumerate(SAMPLES)],
)  # fmt: skip
def test_a_tasks_script_gives_its_values(sample: Sample, tmp_path: Path) -> None:
    spec, files = task_sweep(sample, space=SEARCHED[sample.task])
    printed = compare(spec, files, tmp_path)
    assert [line["state"] for line in printed] == ["COMPLETE"] * 2
    assert len({str(line["params"]) for line in printed}) == 2


@pytest.mark.full
@pytest.mark.parametrize(
    "sample",
    [one for one in SAMPLES if one.task in {"question-answering", "audio-classification"}],
    ids=lambda one: one.task,
)
def test_rays_workers_can_be_sent_what_a_tasks_script_makes(sample: Sample, tmp_path: Path) -> None:
    """Weight-normed layers and cached functions cannot be pickled."""
    rate = {"type": "float", "name": "learning_rate", "low": 1e-3, "high": 5e-3, "log": True}
    spec, files = task_sweep(
        sample, space={"parameters": [rate]}, objectives=everything(sample)[:1], backend={"name": "ray"}
    )
    printed = compare(spec, files, tmp_path)
    assert [line["state"] for line in printed] == ["TERMINATED"] * 2
