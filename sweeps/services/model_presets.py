"""Small models to start from, as data."""

from dataclasses import dataclass
from typing import Final

from runners.protocol.catalogue import catalogue
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


def _tiny_bert(key: str, name: str, task: str, *, lowercase: bool = True) -> ModelPreset:
    """The tiny BERT for another task."""
    processor = TrainedTokenizer(algorithm="wordpiece", vocab_size=4000, lowercase=lowercase)
    return ModelPreset(key, name, TINY_BERT.help, task, TINY_BERT.source, processor)


TINY_GPT2: Final = ModelPreset(
    key="tiny-gpt2",
    name="Tiny GPT-2",
    help="Two layers, 64 wide, random weights; its tokenizer is trained on the data set.",
    task="causal-lm",
    source=ConfigModel(model_type="gpt2", fields={"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 128}),
    processor=TrainedTokenizer(algorithm="bpe", vocab_size=2000, lowercase=False),
)

TINY_T5: Final = ModelPreset(
    key="tiny-t5",
    name="Tiny T5",
    help="Two layers on each side, 64 wide, random weights; its tokenizer is trained on the data set.",
    task="seq2seq",
    source=ConfigModel(
        model_type="t5", fields={"d_model": 64, "d_kv": 16, "d_ff": 128, "num_layers": 2, "num_heads": 4}
    ),
    processor=TrainedTokenizer(algorithm="bpe", vocab_size=4000, lowercase=False),
)

TINY_WAV2VEC2: Final = ModelPreset(
    key="tiny-wav2vec2",
    name="Tiny Wav2Vec2",
    help="Two layers, 32 wide, random weights; for sounds of a second or less.",
    task="audio-classification",
    source=ConfigModel(
        model_type="wav2vec2",
        fields={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 64,
            "conv_dim": [16, 32, 32],
            "conv_stride": [5, 4, 4],
            "conv_kernel": [10, 8, 4],
            "num_conv_pos_embeddings": 16,
            "num_conv_pos_embedding_groups": 4,
            "classifier_proj_size": 32,
            "feat_extract_norm": "layer",
            "apply_spec_augment": False,
            "layerdrop": 0.0,
        },
    ),
    processor=NewImageProcessor(),
)

MODEL_PRESETS: Final = {
    preset.key: preset
    for preset in (
        TINY_BERT,
        _tiny_bert("tiny-bert-labels", "Tiny BERT, many labels", "multi-label-classification", lowercase=False),
        _tiny_bert("tiny-bert-number", "Tiny BERT, a number", "text-regression"),
        _tiny_bert("tiny-bert-tokens", "Tiny BERT, tokens", "token-classification", lowercase=False),
        _tiny_bert("tiny-bert-answers", "Tiny BERT, answers", "question-answering"),
        _tiny_bert("tiny-bert-masked", "Tiny BERT, gaps", "masked-lm"),
        TINY_GPT2,
        TINY_T5,
        TINY_VIT,
        TINY_WAV2VEC2,
    )
}


def known_presets() -> list[ModelPreset]:
    """Those whose task and architecture the catalogue has."""
    found = []
    for preset in MODEL_PRESETS.values():
        task, model_type = catalogue().task(preset.task), catalogue().model_type(preset.source.model_type)
        if task and model_type and task.takes(model_type):
            found.append(preset)
    return found
