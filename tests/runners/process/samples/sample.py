"""What a sample is, and the sweep over it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from runners.process.folder import JobFolder, Start
from runners.process.training.prepare import Workbench, prepare
from runners.protocol.spec import SweepSpec
from tests.processes import temporary_folder

BERT: dict[str, Any] = {
    "source": "config",
    "model_type": "bert",
    "fields": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
        "initializer_range": 0.1,
    },
}
TRAINED = {"source": "trained", "algorithm": "wordpiece", "vocab_size": 200, "lowercase": True}
ARGUMENTS = {
    "num_train_epochs": 4,
    "eval_strategy": "epoch",
    "logging_steps": 20,
    "per_device_train_batch_size": 16,
    "per_device_eval_batch_size": 64,
}
RATE = {"type": "float", "name": "learning_rate", "low": 2e-3, "high": 6e-3, "log": True}

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """`rows` makes that many rows from a seed. `learned`: a value of `metric` that chance does not reach."""

    task: str
    rows: Callable[[int], list[Row]]
    metric: str
    learned: float
    labels: tuple[str, ...] = ()
    count: int = 400
    model: dict[str, Any] = field(default_factory=lambda: BERT)
    processor: dict[str, Any] = field(default_factory=lambda: TRAINED)
    settings: dict[str, Any] = field(default_factory=lambda: {"max_length": 32})
    arguments: dict[str, Any] = field(default_factory=dict)
    direction: str = "maximize"


def written(rows: list[Row], folder: Path) -> dict[str, str]:
    """Parquet files of both splits; every fourth row is for evaluation."""
    files = {}
    for split in ("train", "eval"):
        files[split] = str(folder / f"{split}.parquet")
        chosen = [row for index, row in enumerate(rows) if (index % 4 == 3) == (split == "eval")]
        pq.write_table(pa.Table.from_pylist(chosen), files[split])
    return files


@cache
def _files(sample_rows: Callable[[int], list[Row]], count: int) -> dict[str, str]:
    return written(sample_rows(count), temporary_folder("hpweb-sample-"))


def sample_sweep(sample: Sample, n_trials: int = 2, **changes: Any) -> tuple[SweepSpec, dict[str, str]]:
    """(spec, files). `changes` are over the sample's own; `rows` among them are the rows themselves."""
    rows = changes.pop("rows", None)
    files = _files(sample.rows, sample.count) if rows is None else written(rows, temporary_folder("hpweb-sample-"))
    digest = hashlib.sha256(b"".join(Path(file).read_bytes() for file in files.values())).hexdigest()
    ref = {"sha256": digest, "size": 1}
    spec = {
        "task": sample.task,
        "model": sample.model,
        "processor": sample.processor,
        "data": {"source": "artifact", "digest": digest, "train": ref, "eval": ref, "labels": sample.labels},
        "data_settings": sample.settings,
        "space": {"parameters": [RATE]},
        "objectives": [{"metric": sample.metric, "direction": sample.direction}],
        "arguments": {**ARGUMENTS, **sample.arguments},
        "budget": {"n_trials": n_trials},
        **changes,
    }
    return SweepSpec.model_validate(spec), files


def workbench(path: Path, spec: SweepSpec, files: dict[str, str], **start: Any) -> Workbench:
    """What a child has before its first trial. Raises `InvalidSpec`."""
    return prepare(
        JobFolder(path),
        spec,
        Start(t0=0, data=files, **start),
        store_tokenizer=lambda _, folder: folder,
        report=lambda _: None,
    )
