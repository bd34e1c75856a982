"""Small models to start from, as data."""

from dataclasses import dataclass
from typing import Final

from runners.protocol.spec import ConfigModel, NewImageProcessor, ProcessorSource, TrainedTokenizer


@dataclass(frozen=True)
class ModelPreset:
    key: str
    name: str
    help: str
    task: str
    source: ConfigModel
    processor: ProcessorSource


TINY_BERT: Final = ModelPreset(
    key="tiny-bert",
    name="Tiny BERT",
    help="One layer, 64 wide, random weights; its tokenizer is trained on the data set.",
    task="text-classification",
    source=ConfigModel(
        model_type="bert",
        fields={
            "hidden_size": 64,
            "num_hidden_layers": 1,
            "num_attention_heads": 4,
            "intermediate_size": 128,
            "max_position_embeddings": 128,
        },
    ),
    processor=TrainedTokenizer(algorithm="wordpiece", vocab_size=4000, lowercase=True),
)

TINY_VIT: Final = ModelPreset(
    key="tiny-vit",
    name="Tiny ViT",
    help="Two layers, 64 wide, patches of 2 by 2 pixels, random weights; for images of 8 by 8 pixels.",
    task="image-classification",
    source=ConfigModel(
        model_type="vit",
        fields={
            "image_size": 8,
            "patch_size": 2,
            "num_channels": 3,
            "hidden_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 128,
        },
    ),
    processor=NewImageProcessor(),
)

MODEL_PRESETS: Final = {preset.key: preset for preset in (TINY_BERT, TINY_VIT)}
