"""The model's form: what it reads, refuses and shows again."""

from typing import Any

import pytest

from sweeps.forms.model import ModelForm, model_initial, preset_initial
from sweeps.models import Model
from sweeps.services.model_presets import known_presets
from tests.factories import Cast
from tests.sweeps.parts import make_model

TEXT: dict[str, str] = {
    "name": "M",
    "task": "text-classification",
    "source": "config",
    "model_type": "bert",
    "processor": "trained",
    "algorithm": "bpe",
    "vocab_size": "1000",
    "letters": "as-is",
}
HUB = {"name": "M", "task": "text-classification", "source": "hub", "hub_id": "a/b", "processor": "model"}

BAD: list[tuple[dict[str, str], str, str]] = [
    (TEXT | {"name": " "}, "name", "required"),
    (TEXT | {"name": "x" * 101}, "name", "100"),
    (TEXT | {"task": "chess"}, "task", "valid choice"),
    (TEXT | {"source": "moon"}, "source", "valid choice"),
    (TEXT | {"model_type": "vit"}, "model_type", "valid choice"),
    (TEXT | {"processor": "model"}, "processor", "valid choice"),
    (TEXT | {"vocab_size": "1"}, "vocab_size", "100"),
    (TEXT | {"vocab_size": "x"}, "vocab_size", "whole number"),
    (TEXT | {"config-hidden_size": "wide"}, "config-hidden_size", "must be a number"),
    (TEXT | {"config-hidden_size": "100"}, "config-hidden_size", "make hidden_size 96 or 108."),
    (TEXT | {"config-hidden_dropout_prob": "2"}, "config-hidden_dropout_prob", "0.999 or less"),
    (TEXT | {"config-hidden_act": "gelo"}, "config-hidden_act", "Did you mean gelu?"),
    (HUB | {"hub_id": ""}, "hub_id", "Give the model's Hub id"),
    (HUB | {"hub_id": "a b"}, "hub_id", "no Hub id"),
    (HUB | {"hub_revision": "?"}, "hub_revision", "a branch"),
    (HUB | {"source": "folder", "folder_path": "../x"}, "folder_path", "upwards"),
    (HUB | {"source": "folder"}, "folder_path", "Give the model's folder."),
    (HUB | {"processor": "hub"}, "processor_id", "Give the Hub id"),
]


@pytest.mark.parametrize(("data", "field", "sentence"), BAD)
def test_a_bad_model_shows_its_sentence_and_keeps_what_was_typed(
    cast: Cast, data: dict[str, str], field: str, sentence: str
) -> None:
    form = ModelForm(data, team=cast.team)
    assert list(form.errors) == [field]
    assert sentence in form.errors[field][0]
    if field in data:
        assert form[field].value() == data[field]


def test_a_name_is_once_a_team(cast: Cast) -> None:
    own = make_model(cast.team, name="M")
    make_model(cast.other, name="Theirs")
    assert "already" in ModelForm(TEXT, team=cast.team).errors["name"][0]
    assert ModelForm(TEXT, team=cast.team, own=own).is_valid()
    assert ModelForm(TEXT | {"name": "Theirs"}, team=cast.team).is_valid()


def as_data(initial: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in initial.items() if value not in ("", None)}


SOURCES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "text-classification",
        {
            "source": "config",
            "model_type": "bert",
            "fields": {"hidden_size": 64, "num_attention_heads": 2, "classifier_dropout": 0.5},
        },
        {"source": "trained", "algorithm": "bpe", "vocab_size": 900, "lowercase": False},
    ),
    (
        "image-classification",
        {
            "source": "config",
            "model_type": "swin",
            "fields": {"depths": [1, 1], "num_heads": [2, 4], "embed_dim": 32, "qkv_bias": False},
        },
        {"source": "new"},
    ),
    (
        "text-classification",
        {"source": "hub", "id": "a/b", "revision": "main"},
        {"source": "hub", "id": "c", "revision": None},
    ),
    ("image-classification", {"source": "folder", "path": "/models/x"}, {"source": "folder", "path": "y"}),
]


@pytest.mark.parametrize(("task", "source", "processor"), SOURCES)
def test_a_model_read_back_from_its_form_is_the_same(
    cast: Cast, task: str, source: dict[str, Any], processor: dict[str, Any]
) -> None:
    form = ModelForm(
        as_data(model_initial(Model(name="M", task=task, source=source, processor=processor))), team=cast.team
    )
    assert form.errors == {}
    assert form.cleaned_data["source"].model_dump(mode="json") == source
    assert form.cleaned_data["processor"].model_dump(mode="json") == processor


@pytest.mark.parametrize("preset", known_presets(), ids=lambda preset: preset.key)
def test_presets_are_right(cast: Cast, preset: Any) -> None:
    form = ModelForm(as_data(preset_initial(preset)), team=cast.team)
    assert form.errors == {}
    assert form.cleaned_data["source"] == preset.source
    assert form.cleaned_data["processor"] == preset.processor


def test_only_what_fits_is_shown(cast: Cast) -> None:
    def shown(**data: str) -> list[str]:
        form = ModelForm(TEXT | data, team=cast.team).anew()
        return [field.name for _, fields in form.sections() for field in fields]

    assert "config-hidden_size" in shown()
    assert "config-dim" in shown(model_type="distilbert")
    assert "algorithm" not in shown(task="image-classification")
    assert "config-patch_size" in shown(task="image-classification")
    assert {"hub_id", "hub_revision"} < set(shown(source="hub"))
    assert "vocab_size" not in shown(source="hub")
