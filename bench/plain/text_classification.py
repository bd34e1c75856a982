"""A text classification sweep as one writes it by hand: transformers and optuna, nothing else.

    python bench/plain/text_classification.py FOLDER

FOLDER holds train.parquet and eval.parquet (`text`, `label`), tokenizer/ and settings.json. One line of JSON per trial
is printed: number, params, value, state.

The comments marked "repair" are where `Trainer.hyperparameter_search` must be helped to do what one expects.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import optuna
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
settings = json.loads((folder / "settings.json").read_text())
space = settings["space"]["parameters"]
labels = settings["data"]["labels"]
metric = settings["objectives"][0]["metric"]
# Repair: a pruner may compare equal steps only, and steps of different batch sizes are not equal.
by_epoch = any(row["name"] in {"per_device_train_batch_size", "gradient_accumulation_steps"} for row in space)

torch.set_num_threads(settings["threads"])
tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")


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


def suggest(trial: optuna.Trial, row: dict[str, Any]) -> Any:
    if row["type"] == "categorical":
        return trial.suggest_categorical(row["name"], row["choices"])
    kind = trial.suggest_float if row["type"] == "float" else trial.suggest_int
    return kind(row["name"], row["low"], row["high"], step=row["step"], log=row["log"])


def hp_space(trial: optuna.Trial) -> dict[str, Any]:
    params = {row["name"]: suggest(trial, row) for row in space}
    # Repair: the Trainer warns of names that are no arguments, so only arguments are given to it.
    return {name: value for name, value in params.items() if "." not in name}


def compute_objective(metrics: dict[str, float]) -> float:
    # Repair: by default all metrics are summed, and infinity counts as a result.
    if not math.isfinite(metrics[metric]):
        raise ValueError(f"{metric} is {metrics[metric]}")
    return metrics[metric]


args = TrainingArguments(
    output_dir=str(folder / "output"),
    use_cpu=settings.get("use_cpu", True),
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
base = {row["name"]: getattr(args, row["name"]) for row in space if "." not in row["name"]}


def model_init(trial: optuna.Trial | None) -> PreTrainedModel:
    params: dict[str, Any] = {}
    if trial is not None:
        # Repair: this runs before hp_space, so the parameters must be drawn here to be known here.
        hp_space(trial)
        params = trial.params
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


class EpochTrainer(Trainer):
    """Repair: reports to the pruner by hundredths of an epoch."""

    def _report_to_hp_search(
        self, trial: optuna.Trial | dict[str, Any] | None, step: int, metrics: dict[str, float]
    ) -> None:
        super()._report_to_hp_search(trial, round(self.state.epoch * 100) if by_epoch else step, metrics)


trainer = EpochTrainer(
    model_init=model_init,
    args=args,
    train_dataset=load("train"),
    eval_dataset=load("eval"),
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=compute_metrics,
    processing_class=tokenizer,
)

backend = settings["backend"]
samplers = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
# Repair: without a pruner Optuna takes its median pruner.
pruners = {"none": optuna.pruners.NopPruner, "median": optuna.pruners.MedianPruner}
# Hyperband takes a trial's bracket from the name.
study_name, storage = "sweep", optuna.storages.InMemoryStorage()

trainer.hyperparameter_search(
    hp_space=hp_space,
    compute_objective=compute_objective,
    n_trials=settings["budget"]["n_trials"],
    # Repair: the default direction is "minimize", whatever the objective.
    direction=settings["objectives"][0]["direction"],
    backend="optuna",
    sampler=samplers[backend["sampler"]["name"]](seed=settings["sampler_seed"], **backend["sampler"]["options"]),
    pruner=pruners[backend["pruner"]["name"]](**backend["pruner"]["options"]),
    # Repair: only the best trial is returned; the others are in the study.
    study_name=study_name,
    storage=storage,
    # Repair: without this one failing trial ends the search.
    catch=(Exception,),
)

for trial in optuna.load_study(study_name=study_name, storage=storage).trials:
    line = {"number": trial.number, "params": trial.params, "value": trial.value, "state": trial.state.name.lower()}
    print(json.dumps(line, default=np.generic.item))
