"""Where a SigOpt parameter acts in hpweb: the name it had meant something to its author's script only."""

import re
from typing import Final

from runners.protocol.catalogue import catalogue

USUAL: Final = {
    "lr": "learning_rate",
    "log_learning_rate": "learning_rate",
    "batch_size": "per_device_train_batch_size",
    "train_batch_size": "per_device_train_batch_size",
    "epochs": "num_train_epochs",
    "num_epochs": "num_train_epochs",
    "n_epochs": "num_train_epochs",
    "decay": "weight_decay",
    "wd": "weight_decay",
    "optimizer": "optim",
    "scheduler": "lr_scheduler_type",
    "beta1": "adam_beta1",
    "beta2": "adam_beta2",
    "dropout": "model.hidden_dropout_prob",
    "hidden_dropout": "model.hidden_dropout_prob",
    "attention_dropout": "model.attention_probs_dropout_prob",
    "num_layers": "model.num_hidden_layers",
    "n_layers": "model.num_hidden_layers",
    "layers": "model.num_hidden_layers",
    "num_heads": "model.num_attention_heads",
    "max_seq_length": "data.max_length",
    "max_len": "data.max_length",
}


def place_name(name: str, task: str) -> tuple[str, str]:
    """(hpweb's name, a note or ""). What acts nowhere becomes a variable, `var.…`."""
    known = catalogue()
    if name in known.arguments_by_name and known.arguments_by_name[name].searchable:
        return name, ""
    wanted = USUAL.get(name.lower())
    if wanted is not None:
        return wanted, f"{name} is {wanted} here."
    entry = known.task(task)
    if entry is not None and name in entry.by_name:
        return f"data.{name}", f"{name} is a setting of the data here: data.{name}."
    if any(name in model_type.by_name for model_type in known.model_types):
        return f"model.{name}", f"{name} is a field of the model's config here: model.{name}."
    cleaned = re.sub(r"[^A-Za-z0-9_]", "_", name) or "parameter"
    cleaned = cleaned if not cleaned[0].isdigit() else f"_{cleaned}"
    place = f"var.{cleaned[:90]}"
    return place, f"{name} is no training argument, so it stands as {place} and acts nowhere until you rename its row."


def metric_name(name: str) -> str:
    """SigOpt's metric as the Trainer names it."""
    cleaned = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return cleaned if cleaned.startswith("eval_") else f"eval_{cleaned}"
