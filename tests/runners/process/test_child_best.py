"""The best model is kept, loads from its folder, and has the trial's own metric."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoImageProcessor,
    AutoModelForImageClassification,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    pipeline,
)

from runners.process.training.image_classification import ImageClassification
from runners.process.training.rows import load_rows
from runners.process.training.text_classification import TextClassification
from runners.protocol.job import FinishedTrial
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor


def kept(supervisor: SmallSupervisor) -> dict[str, Any]:
    best: dict[str, Any] = json.loads(supervisor.folder.best_file.read_text())
    return best


def test_the_best_text_model_has_its_trials_accuracy(tmp_path: Path) -> None:
    spec, files = sweep(TEXT, 1200, arguments={**TEXT["arguments"], "num_train_epochs": 2})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(3)
    best = kept(supervisor)
    values = {number: values[0] for number, _, values in supervisor.table()}
    assert best == {"number": max(values, key=lambda n: (values[n], -n)), "value": max(values.values())}
    folder = supervisor.folder.best(best["number"])
    assert [path.name for path in folder.parent.iterdir()] == [str(best["number"])]
    assert (folder / "model.safetensors").is_file()
    assert not list(folder.glob("*.bin"))
    rows = load_rows(spec, supervisor.folder.start(), TextClassification.columns)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    batch = tokenizer(rows.eval["text"], truncation=True, max_length=32, padding=True, return_tensors="pt")
    with torch.no_grad():
        predicted = model(**batch).logits.argmax(-1).numpy()
    assert (predicted == rows.eval["label"]).mean() == best["value"]
    # A stranger can use it: labels have names.
    classify = pipeline("text-classification", model=str(folder), device="cpu")
    assert classify("¿Está seguro de que quiere eliminar los objetos?")[0]["label"] in rows.names


def test_the_best_image_model_has_its_trials_accuracy(tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 500, arguments={**IMAGES["arguments"], "num_train_epochs": 3})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(3)
    best = kept(supervisor)
    folder = supervisor.folder.best(best["number"])
    rows = load_rows(spec, supervisor.folder.start(), ImageClassification.columns)
    processor = AutoImageProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call]  # transformers leaves it untyped
    classify = pipeline(
        "image-classification",
        model=AutoModelForImageClassification.from_pretrained(folder),
        image_processor=processor,
        device="cpu",
    )
    from io import BytesIO

    from PIL import Image

    images = [Image.open(BytesIO(image)).convert("RGB") for image in rows.eval["image"]]
    predicted = [rows.names.index(found[0]["label"]) for found in classify(images, top_k=1)]
    assert (torch.tensor(predicted).numpy() == rows.eval["label"]).mean() == best["value"]


def test_a_model_worse_than_the_histories_best_is_not_kept(tmp_path: Path) -> None:
    history = (
        FinishedTrial(
            number=0,
            params={
                "learning_rate": 0.001,
                "per_device_train_batch_size": 16,
                "lr_scheduler_type": "linear",
                "model.num_hidden_layers": 1,
                "model.hidden_act": "relu",
                "model.initializer_range": 0.1,
            },
            state="complete",
            values=(1.0,),
            intermediate=((10, 1.0),),
        ),
    )
    spec, files = sweep(IMAGES, 100, arguments={**IMAGES["arguments"], "num_train_epochs": 1})
    supervisor = SmallSupervisor(tmp_path / "job", spec, files, history=history)
    supervisor.run(2)
    assert [number for number, _, _ in supervisor.table()] == [1]
    assert not supervisor.folder.best_file.exists()
    # The study was made again from the history, so the new trial is its second.
    assert supervisor.of_type("trial_started")[0]["optuna_number"] == 1


@pytest.mark.parametrize("keep", [True, False])
def test_keeping_is_a_choice(keep: bool, tmp_path: Path) -> None:
    spec, files = sweep(IMAGES, 100, arguments={**IMAGES["arguments"], "num_train_epochs": 1}, keep_best=keep)
    supervisor = SmallSupervisor(tmp_path / "job", spec, files)
    supervisor.run(1)
    assert supervisor.folder.best_file.exists() == keep
    assert supervisor.folder.best(0).exists() == keep
