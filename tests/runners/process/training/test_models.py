"""Models from a config, from a folder; and the walls around folders."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from runners.process.folder import JobFolder, Start
from runners.process.training.models import listed_folder
from runners.process.training.prepare import Workbench, prepare
from runners.process.training.refusal import InvalidSpec
from runners.process.training.task import settings_of
from runners.protocol.spec import SweepSpec
from tests.runners.process.material import IMAGES, TEXT, sweep
from tests.runners.process.small_supervisor import SmallSupervisor

SMALL: dict[str, dict[str, Any]] = {
    "bert": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64},
    "distilbert": {"dim": 32, "n_layers": 1, "n_heads": 2, "hidden_dim": 64},
    "roberta": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64},
    "electra": {
        "embedding_size": 16,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "albert": {
        "embedding_size": 16,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "deberta-v2": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64},
    "vit": {
        "image_size": 32,
        "patch_size": 8,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "deit": {
        "image_size": 32,
        "patch_size": 8,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    "convnext": {"hidden_sizes": [8, 16, 32, 64], "depths": [1, 1, 1, 1]},
    "convnextv2": {"hidden_sizes": [8, 16, 32, 64], "depths": [1, 1, 1, 1]},
    "resnet": {"embedding_size": 8, "hidden_sizes": [8, 16, 32, 64], "depths": [1, 1, 1, 1], "layer_type": "basic"},
    "swin": {
        "image_size": 32,
        "patch_size": 4,
        "embed_dim": 8,
        "depths": [1, 1],
        "num_heads": [1, 2],
        "window_size": 4,
    },
}
TEXTS = ("bert", "distilbert", "roberta", "electra", "albert", "deberta-v2")
NO_SPACE: dict[str, Any] = {"space": {"parameters": []}}


def workbench(path: Path, spec: SweepSpec, files: dict[str, str], **start: Any) -> Workbench:
    return prepare(
        JobFolder(path),
        spec,
        Start(t0=0, data=files, **start),
        store_tokenizer=lambda _, folder: folder,
        report=lambda _: None,
    )


@pytest.mark.parametrize("model_type", SMALL)
def test_every_model_type_trains_a_step(model_type: str, tmp_path: Path) -> None:
    text = model_type in TEXTS
    changes: dict[str, Any] = {} if text else {"data_settings": {"image_size": 32}}
    model = {"source": "config", "model_type": model_type, "fields": SMALL[model_type]}
    spec, files = sweep(TEXT if text else IMAGES, 60, model=model, **NO_SPACE, **changes)
    bench = workbench(tmp_path, spec, files)
    rows = bench.task.datasets(settings_of(spec, {})).train
    batch = bench.task.collator(settings_of(spec, {}))([rows[0], rows[1], rows[2]])
    loss = bench.first(**batch).loss
    loss.backward()
    assert torch.isfinite(loss)
    names = bench.first.config.id2label
    assert names is not None
    assert len(bench.task.rows.names) == bench.first.config.num_labels == len(names)


def test_roberta_has_room_for_its_longest_text(tmp_path: Path) -> None:
    model = {"source": "config", "model_type": "roberta", "fields": SMALL["roberta"]}
    spec, files = sweep(TEXT, 60, model=model, data_settings={"max_length": 512}, **NO_SPACE)
    config = workbench(tmp_path, spec, files).first.config
    assert config.pad_token_id == 0
    # Its positions begin after the padding id.
    assert config.max_position_embeddings == 513


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model root with `tiny`, a saved BERT of another task with its tokenizer."""
    folder = tmp_path_factory.mktemp("models")
    spec, files = sweep(TEXT, 240, **NO_SPACE)
    supervisor = SmallSupervisor(folder / "job", spec, files)
    supervisor.run(1)
    tiny = folder / "root" / "tiny"
    shutil.copytree(supervisor.folder.best(0), tiny)
    return folder / "root"


def test_pretrained_weights_are_trained_on(root: Path, tmp_path: Path) -> None:
    pretrained = {"source": "folder", "path": "tiny"}
    rows = [
        {"type": "float", "name": "learning_rate", "low": 1e-4, "high": 1e-3, "log": True},
        {"type": "float", "name": "model.hidden_dropout_prob", "low": 0.0, "high": 0.2},
        {"type": "categorical", "name": "data.max_length", "choices": [12, 48]},
        {"type": "float", "name": "data.train_fraction", "low": 0.5, "high": 1.0, "step": 0.5},
    ]
    spec, files = sweep(
        TEXT, 240, model=pretrained, processor={"source": "model"}, space={"parameters": rows}, data_settings={}
    )
    supervisor = SmallSupervisor(tmp_path / "job", spec, files, model_roots=(str(root),))
    supervisor.run(4)
    assert [end["state"] for end in supervisor.of_type("trial_finished")] == ["complete"] * 4
    # The fraction is seen in the steps of an epoch: 240 rows, 192 to train, batches of 8.
    last_steps = {}
    for event in supervisor.of_type("metrics"):
        last_steps[event["number"]] = event["step"]
    for number, params, _ in supervisor.table():
        assert last_steps[number] == 3 * (24 if params["data.train_fraction"] == 1.0 else 12)


def test_the_length_of_texts_acts(root: Path, tmp_path: Path) -> None:
    spec, files = sweep(TEXT, 60, model={"source": "folder", "path": "tiny"}, processor={"source": "model"}, **NO_SPACE)
    bench = workbench(tmp_path, spec, files, model_roots=(str(root),))
    tokenizer = AutoTokenizer.from_pretrained(root / "tiny")
    for length in (8, 20):
        rows = bench.task.datasets({"max_length": length, "train_fraction": 1.0}).train
        text = bench.task.rows.train["text"][3]
        assert rows[3]["input_ids"] == tokenizer(text, truncation=True, max_length=length)["input_ids"]
        assert max(len(row["input_ids"]) for row in rows) == length


def test_a_folder_outside_the_roots_is_refused_also_by_a_link(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(root / "tiny", outside)
    (root / "link").symlink_to(outside)
    try:
        for path in (str(outside), "link", str(root / "link"), "../outside", "/", "~"):
            with pytest.raises(InvalidSpec, match="no folder below a model root"):
                listed_folder(path, (str(root),), field="model")
    finally:
        (root / "link").unlink()
    assert listed_folder(str(root / "tiny"), (str(root),), field="model") == (root / "tiny").resolve()


def test_weights_that_are_a_pickle_are_refused(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "tiny", tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").unlink()
    (tmp_path / "pickled" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(InvalidSpec, match="no safetensors"):
        listed_folder("pickled", (str(tmp_path),), field="model")


def test_a_shape_cannot_be_searched_over_pretrained_weights(root: Path, tmp_path: Path) -> None:
    rows = [{"type": "int", "name": "model.num_hidden_layers", "low": 1, "high": 2}]
    spec, files = sweep(
        TEXT,
        60,
        model={"source": "folder", "path": "tiny"},
        processor={"source": "model"},
        space={"parameters": rows},
    )
    with pytest.raises(InvalidSpec) as refused:
        workbench(tmp_path, spec, files, model_roots=(str(root),))
    assert refused.value.field == "space.model.num_hidden_layers"
