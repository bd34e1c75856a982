"""A text classification sweep through W&B as one writes it by hand: transformers and wandb, nothing else.

    WANDB_BASE_URL=… WANDB_API_KEY=… python bench/plain/wandb_text_classification.py FOLDER

FOLDER holds train.parquet and eval.parquet (`text`, `label`), tokenizer/ and settings.json, whose `sweep` is a W&B sweep
configuration. WANDB_BASE_URL may be W&B's cloud or hpweb (its address with `/wandb`, and an access token as key). The
sweep's id and one line of JSON per trial are printed.

The comments marked "repair" are where `Trainer.hyperparameter_search` must be helped to do what one expects.
"""

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EvalPrediction,
    PreTrainedModel,
    Trainer,
    TrainingArguments,
    set_seed,
)

folder = Path(sys.argv[1])
os.environ.setdefault("WANDB_DIR", str(folder))
settings = json.loads((folder / "settings.json").read_text())
sweep = settings["sweep"]
labels = settings["data"]["labels"]
metric = settings["objectives"][0]["metric"]
tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
trials: list[dict[str, Any]] = []


def load(split: str) -> Dataset:
    rows = Dataset.from_parquet(str(folder / f"{split}.parquet"), cache_dir=str(folder / "cache"))
    length = settings["data_settings"]["max_length"]
    return rows.map(
        lambda batch: tokenizer(batch["text"], truncation=True, max_length=length),
        batched=True,
        remove_columns=["text"],
    )


def compute_metrics(prediction: EvalPrediction) -> dict[str, float]:
    return {"accuracy": float(np.mean(np.argmax(prediction.predictions, axis=-1) == prediction.label_ids))}


def compute_objective(metrics: dict[str, float]) -> float:
    # Repair: by default all metrics are summed, and infinity counts as a result.
    if not math.isfinite(metrics[metric]):
        raise ValueError(f"{metric} is {metrics[metric]}")
    trials[-1]["value"] = metrics[metric]
    return metrics[metric]


args = TrainingArguments(
    output_dir=str(folder / "output"),
    use_cpu=True,
    report_to="none",
    disable_tqdm=True,
    save_strategy="no",
    # Repair: otherwise batches that are not a number are left out of the loss.
    logging_nan_inf_filter=False,
    average_tokens_across_devices=False,
    seed=settings["seed"],
    **settings["arguments"],
)
# Repair: the Trainer casts to the type that it finds, and the default 0 would cut 0.1 down to 0.
args.warmup_steps = float(args.warmup_steps)
base = {name: getattr(args, name) for name in sweep["parameters"] if "." not in name}


def model_init(trial: dict[str, Any] | None) -> PreTrainedModel:
    params: dict[str, Any] = {}
    if trial is not None:
        # Repair: this runs in a thread of wandb's, and OpenMP keeps the number of threads by thread.
        torch.set_num_threads(settings["threads"])
        # Repair: the trial also holds wandb's own entries.
        params = {name: trial[name] for name in sweep["parameters"]}
        trials.append({"number": len(trials), "params": params, "value": None})
        # Repair: what an earlier trial set in the arguments would stay.
        for name, value in base.items():
            setattr(args, name, value)
        # Repair: the Trainer has seeded with the seed of the trial before.
        set_seed(params.get("seed", settings["seed"]))
    config = AutoConfig.for_model(
        settings["model"]["model_type"],
        **settings["model"]["fields"]
        | {name.removeprefix("model."): value for name, value in params.items() if name.startswith("model.")},
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
    )
    config.vocab_size = len(tokenizer)
    config.pad_token_id = tokenizer.pad_token_id
    model: PreTrainedModel = AutoModelForSequenceClassification.from_config(config)  # type: ignore[no-untyped-call]  # untyped there
    return model


trainer = Trainer(
    model_init=model_init,
    args=args,
    train_dataset=load("train"),
    eval_dataset=load("eval"),
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=compute_metrics,
    processing_class=tokenizer,
)

best = trainer.hyperparameter_search(
    hp_space=lambda _: sweep,
    compute_objective=compute_objective,
    n_trials=settings["budget"]["n_trials"],
    direction=settings["objectives"][0]["direction"],
    # Repair: the sweep's metric has nothing to do with compute_objective unless one says so.
    metric=metric.replace("eval_", "eval/", 1),
    backend="wandb",
)

print(json.dumps({"sweep": getattr(best, "run_summary", None)}))
for line in trials:
    print(json.dumps(line))
