"""Real data in the canonical Parquet, and small sweeps over it."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from runners.protocol.spec import SweepSpec
from sweeps.services.datasets.packages import digits, language_id
from tests.processes import temporary_folder

TEXT: dict[str, Any] = {
    "task": "text-classification",
    "model": {
        "source": "config",
        "model_type": "bert",
        "fields": {
            "hidden_size": 64,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "intermediate_size": 128,
            "max_position_embeddings": 64,
        },
    },
    "processor": {"source": "trained", "algorithm": "wordpiece", "vocab_size": 4000, "lowercase": True},
    "data_settings": {"max_length": 32},
    "space": {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 2e-4, "high": 1e-2, "log": True},
            {"type": "categorical", "name": "per_device_train_batch_size", "choices": [16, 32, 64]},
            {"type": "categorical", "name": "lr_scheduler_type", "choices": ["linear", "cosine", "constant"]},
            {"type": "float", "name": "weight_decay", "low": 0.0, "high": 0.3},
            {"type": "float", "name": "model.hidden_dropout_prob", "low": 0.0, "high": 0.3},
            {"type": "float", "name": "model.initializer_range", "low": 0.02, "high": 0.15, "log": True},
        ]
    },
    "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
    "arguments": {
        "num_train_epochs": 3,
        "eval_strategy": "epoch",
        "logging_steps": 10,
        "per_device_eval_batch_size": 128,
    },
}

IMAGES: dict[str, Any] = {
    "task": "image-classification",
    "model": {
        "source": "config",
        "model_type": "vit",
        "fields": {
            "image_size": 8,
            "patch_size": 2,
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 128,
        },
    },
    "processor": {"source": "new"},
    "space": {
        "parameters": [
            {"type": "float", "name": "learning_rate", "low": 3e-4, "high": 2e-2, "log": True},
            {"type": "categorical", "name": "per_device_train_batch_size", "choices": [16, 32, 64]},
            {"type": "categorical", "name": "lr_scheduler_type", "choices": ["linear", "cosine", "constant"]},
            {"type": "int", "name": "model.num_hidden_layers", "low": 1, "high": 3},
            {"type": "categorical", "name": "model.hidden_act", "choices": ["gelu", "relu"]},
            {"type": "float", "name": "model.initializer_range", "low": 0.02, "high": 0.2, "log": True},
        ]
    },
    "objectives": [{"metric": "eval_accuracy", "direction": "maximize"}],
    "arguments": {
        "num_train_epochs": 6,
        "eval_strategy": "epoch",
        "logging_steps": 10,
        "per_device_eval_batch_size": 256,
    },
}


@cache
def parquet(kind: str, rows: int) -> tuple[dict[str, str], tuple[str, ...]]:
    """Files of both splits, some `rows` rows in all, every fifth of them for evaluation; and the labels."""
    examples = (
        language_id.load({**language_id.DATA.defaults, "max_per_language": max(2, rows // 12)})
        if kind == "text"
        else digits.load({})
    )
    names = sorted(set(examples.names))
    labels = [names.index(name) for name in examples.names][:rows]
    values = examples.values.to_pylist()[:rows]
    folder = temporary_folder(f"hpweb-{kind}-")
    files = {}
    for split in ("train", "eval"):
        chosen = [row for row in range(len(labels)) if (row % 5 == 4) == (split == "eval")]
        table = pa.table(
            {
                "text" if kind == "text" else "image": [values[row] for row in chosen],
                "label": pa.array([labels[row] for row in chosen], pa.int64()),
            }
        )
        files[split] = str(folder / f"{split}.parquet")
        pq.write_table(table, files[split])
    return files, tuple(names)


def sweep(base: dict[str, Any], rows: int, n_trials: int = 8, **changes: Any) -> tuple[SweepSpec, dict[str, str]]:
    """(spec, files): `base` over the data of its task, with `changes` over it."""
    kind = "text" if base["task"].startswith("text") else "image"
    files, labels = parquet(kind, rows)
    digest = hashlib.sha256(Path(files["train"]).read_bytes()).hexdigest()
    ref = {"sha256": digest, "size": 1}
    data = {"source": "artifact", "digest": digest, "train": ref, "eval": ref, "labels": labels}
    spec = {"data": data, "budget": {"n_trials": n_trials}, **base, **changes}
    return SweepSpec.model_validate(spec), files
