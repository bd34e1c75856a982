"""Models: what the server can know of weights, config and tokenizer."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from runners.protocol.spec import ConfigModel, ModelSource, ProcessorSource
from sweeps.validation.model import check_model, typed_source

SOURCE: TypeAdapter[ModelSource] = TypeAdapter(ModelSource)
PROCESSOR: TypeAdapter[ProcessorSource] = TypeAdapter(ProcessorSource)
TEXT, IMAGE = "text-classification", "image-classification"
HUB = {"source": "hub", "id": "google/bert"}
OWN = {"source": "model"}
TRAINED = {"source": "trained"}
NEW = {"source": "new"}


def config(model_type: str, **fields: Any) -> dict[str, Any]:
    return {"source": "config", "model_type": model_type, "fields": fields}


BAD: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("translation", HUB, OWN, "task", "Choose a task"),
    (TEXT, HUB | {"id": "../etc"}, OWN, "source.id", "no Hub id"),
    (TEXT, HUB | {"id": "a/b/c"}, OWN, "source.id", "no Hub id"),
    (TEXT, HUB | {"revision": "a b"}, OWN, "source.revision", "a branch, a tag or a commit"),
    (TEXT, {"source": "folder", "path": "a/../b"}, OWN, "source.path", "upwards"),
    (TEXT, {"source": "folder", "path": "a\nb"}, OWN, "source.path", "can't be shown"),
    (TEXT, config("vit"), TRAINED, "source.model_type", "architecture for text classification: bert"),
    (TEXT, config("gpt"), TRAINED, "source.model_type", "Choose an architecture"),
    (TEXT, config("bert", width=3), TRAINED, "source.fields.width", "BERT has no config field width"),
    (TEXT, config("bert", hidden_size=0), TRAINED, "source.fields.hidden_size", "must be 1 or more, not 0."),
    (TEXT, config("bert", hidden_size=10**30), TRAINED, "source.fields.hidden_size", "too large"),
    (TEXT, config("bert", hidden_act="gel"), TRAINED, "source.fields.hidden_act", "Did you mean gelu?"),
    (TEXT, config("bert", hidden_size=100), TRAINED, "source.fields.hidden_size", "make hidden_size 96 or 108."),
    (
        TEXT,
        config("distilbert", n_heads=5),
        TRAINED,
        "source.fields.n_heads",
        "dim 768 can't be shared among n_heads 5",
    ),
    (IMAGE, config("vit", image_size=8), NEW, "source.fields.image_size", "patch_size 16 is larger than image_size 8"),
    (IMAGE, config("vit", image_size=10, patch_size=4), NEW, "source.fields.patch_size", "no multiple of patch_size"),
    (IMAGE, config("resnet", depths=[1, 1]), NEW, "source.fields.depths", "give one each for every stage"),
    (IMAGE, config("swin", num_heads=[3, 6, 12, 7]), NEW, "source.fields.num_heads", "stage 4 is 768 wide"),
    (TEXT, config("bert"), OWN, "processor.source", "has no tokenizer beside it: train one"),
    (IMAGE, config("vit"), OWN, "processor.source", "has no image processor beside it: make a new image processor"),
    (IMAGE, config("vit"), TRAINED, "processor.source", "Images have no tokenizer"),
    (TEXT, config("bert"), NEW, "processor.source", "Texts have no image processor"),
    (TEXT, HUB, TRAINED, "processor.source", "Pretrained weights know only their own tokenizer"),
    (TEXT, HUB, HUB | {"id": "?"}, "processor.id", "no Hub id"),
    (TEXT, HUB, {"source": "folder", "path": "../x"}, "processor.path", "upwards"),
]


@pytest.mark.parametrize(("task", "source", "processor", "place", "sentence"), BAD)
def test_a_bad_model_is_refused_at_its_field(
    task: str, source: dict[str, Any], processor: dict[str, Any], place: str, sentence: str
) -> None:
    problems = check_model(task, SOURCE.validate_python(source), PROCESSOR.validate_python(processor))
    assert [problem.path for problem in problems] == [place]
    assert sentence in problems[0].message


def test_good_models_pass_and_their_config_is_typed() -> None:
    source = SOURCE.validate_python(config("bert", hidden_dropout_prob=0, hidden_size=64, num_attention_heads=4))
    assert check_model(TEXT, source, PROCESSOR.validate_python(TRAINED)) == []
    typed = typed_source(source)
    assert isinstance(typed, ConfigModel)
    assert typed.fields == {"hidden_size": 64, "num_attention_heads": 4, "hidden_dropout_prob": 0.0}
    assert isinstance(typed.fields["hidden_dropout_prob"], float)
    assert check_model(TEXT, SOURCE.validate_python(HUB), PROCESSOR.validate_python(OWN)) == []
