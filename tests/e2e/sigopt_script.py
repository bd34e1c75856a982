"""A script of transformers 4's days, as the guide had it: `python sigopt_script.py FOLDER`. It knows nothing of hpweb.

Prints one line of JSON per trial, then the best one.
"""

import json
import sys
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

WIDTH = 8


class Rows(Dataset[dict[str, torch.Tensor]]):
    """Is the first token among the upper half of the vocabulary?"""

    def __init__(self, size: int, seed: int) -> None:
        drawn = torch.Generator().manual_seed(seed)
        self.tokens = torch.randint(0, 32, (size, WIDTH), generator=drawn)

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        tokens = self.tokens[index]
        return {"input_ids": tokens, "labels": (tokens[0] >= 16).long()}


def model_init() -> BertForSequenceClassification:
    config = BertConfig(
        vocab_size=32,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=WIDTH,
    )
    return BertForSequenceClassification(config)


def hp_space(_: Any) -> list[dict[str, Any]]:
    return [
        {"bounds": {"min": 1e-4, "max": 1e-2}, "name": "learning_rate", "type": "double", "transformation": "log"},
        {"bounds": {"min": 1, "max": 3}, "name": "num_train_epochs", "type": "int"},
        {"categorical_values": ["8", "16"], "name": "per_device_train_batch_size", "type": "categorical"},
    ]


def compute_objective(metrics: dict[str, float]) -> float:
    args = trainer.args
    params = [args.learning_rate, args.num_train_epochs, args.per_device_train_batch_size]
    print(json.dumps({"value": metrics["eval_loss"], "params": params}), flush=True)
    return metrics["eval_loss"]


if __name__ == "__main__":
    trainer: Any = Trainer(
        args=TrainingArguments(
            output_dir=sys.argv[1], eval_strategy="no", save_strategy="no", report_to=[], disable_tqdm=True
        ),
        model_init=model_init,
        train_dataset=Rows(64, 0),
        eval_dataset=Rows(32, 1),
    )
    best = trainer.hyperparameter_search(
        hp_space=hp_space, compute_objective=compute_objective, n_trials=3, direction="minimize", backend="sigopt"
    )
    print(json.dumps({"best": [best.run_id, best.objective, best.hyperparameters]}))
