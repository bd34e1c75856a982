"""A text classification sweep over Ray Tune as one writes it by hand: transformers and ray, nothing else.

    python bench/plain/ray_text_classification.py FOLDER

FOLDER holds train.parquet and eval.parquet (`text`, `label`), tokenizer/ and settings.json, whose search is random and
whose trials come one at a time. One line of JSON per trial is printed: number, params, value.

The comments marked "repair" are where `Trainer.hyperparameter_search` must be helped to do what one expects.
"""

import json
import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import ray
import torch
from datasets import Dataset
from ray import tune
from ray.tune.search.basic_variant import BasicVariantGenerator
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


def domain(row: dict[str, Any]) -> Any:
    if row["type"] == "categorical":
        # Repair: Ray draws choices through NumPy, whose numbers no checkpoint can be written with.
        return tune.choice(list(range(len(row["choices"]))))
    if row["type"] == "int":
        # Ray's upper end of whole numbers is not drawn.
        return (tune.lograndint if row["log"] else tune.randint)(row["low"], row["high"] + 1)
    return (tune.loguniform if row["log"] else tune.uniform)(row["low"], row["high"])


def drawn(config: dict[str, Any]) -> dict[str, Any]:
    return {
        row["name"]: row["choices"][config[row["name"]]] if row["type"] == "categorical" else config[row["name"]]
        for row in space
    }


def compute_objective(metrics: dict[str, float]) -> float:
    # Repair: by default all metrics are summed, and infinity counts as a result.
    if not math.isfinite(metrics[metric]):
        raise ValueError(f"{metric} is {metrics[metric]}")
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


def model_init(trial: dict[str, Any] | None) -> PreTrainedModel:
    params = drawn(trial) if trial else {}
    # Repair: every trial is a process of its own.
    torch.set_num_threads(settings["threads"])
    # Repair: the Trainer has seeded with the seed of its arguments.
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


class RayTrainer(Trainer):
    """Repair: choices are drawn as places, and the Trainer warns of names that are no arguments."""

    def _hp_search_setup(self, trial: Any) -> None:
        arguments = {name: value for name, value in drawn(trial).items() if "." not in name} if trial else trial
        super()._hp_search_setup(arguments)


trainer = RayTrainer(
    model_init=model_init,
    args=args,
    train_dataset=load("train"),
    eval_dataset=load("eval"),
    data_collator=DataCollatorWithPadding(tokenizer),
    compute_metrics=compute_metrics,
    processing_class=tokenizer,
)

# Repair: otherwise a trial runs in another folder.
os.environ["RAY_CHDIR_TO_TRIAL_DIR"] = "0"
ray.init(num_cpus=1, include_dashboard=False)

best = trainer.hyperparameter_search(
    hp_space=lambda _: {row["name"]: domain(row) for row in space},
    compute_objective=compute_objective,
    n_trials=settings["budget"]["n_trials"],
    # Repair: the default direction is "minimize", whatever the objective.
    direction=settings["objectives"][0]["direction"],
    backend="ray",
    search_alg=BasicVariantGenerator(max_concurrent=1, random_state=settings["sampler_seed"]),
    # Repair: by default every core has a trial.
    resources_per_trial={"cpu": 1, "gpu": 0},
    storage_path=str((folder / "ray").resolve()),
    verbose=0,
    # Repair: otherwise one failing trial ends in an exception after everything.
    raise_on_failed_trial=False,
)

assert not isinstance(best, list)
assert best.run_summary is not None
for number, trial in enumerate(best.run_summary.trials):
    line = {"number": number, "params": drawn(trial.config), "value": trial.last_result["objective"]}
    print(json.dumps(line))
ray.shutdown()
