"""Data and models of the Hub; the Hub itself is not asked."""

import socket
from pathlib import Path
from typing import Any

import datasets
import pytest
from huggingface_hub import constants

from runners.process.folder import Start
from runners.process.training.hub import hub_id, settle_offline
from runners.process.training.models import ModelBuilder
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Rows, load_rows
from runners.process.training.text_classification import TextClassification
from runners.protocol.spec import HubModel
from tests.runners.process.material import TEXT, sweep

ROWS = {"sentence": [f"text {n}" for n in range(20)], "kind": ["good", "bad"] * 10}


Calls = list[tuple[tuple[Any, ...], dict[str, Any]]]
FakeHub = tuple[dict[str, datasets.Dataset], Calls]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """What the Hub would give: split → rows. Calls are noted."""
    splits = {"train": datasets.Dataset.from_dict(ROWS)}
    calls: Calls = []

    def load_dataset(*args: Any, **kwargs: Any) -> datasets.Dataset:
        calls.append((args, kwargs))
        return splits[kwargs["split"]]

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    return splits, calls


def load(**changes: Any) -> Rows:
    data = {"source": "hub", "id": "some/thing", "input_column": "sentence", "label_column": "kind", **changes}
    spec, _ = sweep(TEXT, 60, data=data)
    return load_rows(spec, Start(t0=0), TextClassification.columns)


def test_text_labels_get_names_and_the_split_is_stratified_and_seeded(hub: FakeHub) -> None:
    rows = load(eval_fraction=0.2, split_seed=3, revision="v1")
    assert rows.names == ("bad", "good")
    assert (len(rows.train), len(rows.eval)) == (16, 4)
    assert sorted(rows.eval["label"].tolist()) == [0, 0, 1, 1]
    assert rows.names[rows.eval["label"][0]] == ("good" if int(rows.eval["text"][0].split()[1]) % 2 == 0 else "bad")
    assert load(split_seed=3).eval["text"][:] == rows.eval["text"][:]
    assert hub[1][0] == (("some/thing", None), {"split": "train", "revision": "v1"})


def test_a_named_split_is_taken_with_the_same_label_names(hub: FakeHub) -> None:
    hub[0]["test"] = datasets.Dataset.from_dict({"sentence": ["one", "two"], "kind": ["good", "good"]})
    rows = load(eval_split="test")
    assert len(rows.train) == 20
    assert rows.eval["label"].tolist() == [1, 1]


@pytest.mark.parametrize("column", [{"input_column": "text"}, {"label_column": "label"}])
def test_a_missing_column_is_named(hub: FakeHub, column: dict[str, str]) -> None:
    with pytest.raises(InvalidSpec, match="Its columns: sentence, kind") as refused:
        load(**column)
    assert refused.value.field == "data"


def test_one_label_only_is_refused(hub: FakeHub) -> None:
    hub[0]["train"] = datasets.Dataset.from_dict({"sentence": ["a", "b"] * 5, "kind": ["good"] * 10})
    with pytest.raises(InvalidSpec, match="fewer than two labels"):
        load()


def test_a_label_with_one_row_cannot_be_split(hub: FakeHub) -> None:
    hub[0]["train"] = datasets.Dataset.from_dict({"sentence": ["a", "b", "c"], "kind": ["x", "x", "y"]})
    with pytest.raises(InvalidSpec, match="could not be split by kind"):
        load()


@pytest.mark.parametrize("text", ["/etc", "../x", "a/../../etc", "~/models", "a/b/c", ".", "", "a b"])
def test_a_path_is_no_hub_id(text: str) -> None:
    with pytest.raises(InvalidSpec, match="no Hub id"):
        hub_id(text, field="model")


def test_a_folder_with_the_name_of_an_id_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSpec, match="no Hub id"):
        ModelBuilder(HubModel(id="owner/name"), "AutoModel", ("a", "b"), (), lambda _: None)
    with pytest.raises(InvalidSpec, match="no Hub id"):
        load(id="owner/name")
    assert hub_id("google-bert/bert-base-uncased", field="model") == "google-bert/bert-base-uncased"
    assert hub_id("gpt2", field="model") == "gpt2"


def test_without_a_way_to_the_hub_its_cache_is_used_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for module, flag in ((constants, "HF_HUB_OFFLINE"), (datasets.config, "HF_HUB_OFFLINE")):
        monkeypatch.setattr(module, flag, False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", False)
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{held.getsockname()[1]}")
        settle_offline.cache_clear()
        settle_offline()
    settle_offline.cache_clear()
    assert constants.is_offline_mode()
    with pytest.raises(ConnectionError, match="OfflineModeIsEnabled"):
        datasets.load_dataset("some/thing")


def test_the_environment_decides_where_it_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    settle_offline.cache_clear()
    settle_offline()
    settle_offline.cache_clear()
    assert not constants.is_offline_mode()
