"""The tokenizer, image processor or feature extractor that a spec asks for."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoFeatureExtractor, AutoImageProcessor, AutoTokenizer, PretrainedConfig
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from runners.process.training.hub import hub_id
from runners.process.training.models import listed_folder
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.sounds import new_feature_extractor
from runners.process.training.task import Context
from runners.process.training.tokenizers import train_tokenizer
from runners.protocol.spec import (
    ConfigModel,
    FolderModel,
    HubModel,
    ModelProcessor,
    NewImageProcessor,
    TrainedTokenizer,
)
from runners.protocol.tokenizer_key import tokenizer_key


def load_tokenizer(context: Context, texts: Sequence[str], *, pretokenized: bool = False) -> Any:
    """The tokenizer of a text task; trained on `texts` and stored where the spec wants that and nobody did it before.

    `pretokenized`: it will get lists of words.
    """
    processor = context.spec.processor
    match processor:
        case TrainedTokenizer():
            return AutoTokenizer.from_pretrained(str(_trained(context, processor, texts)))
        case NewImageProcessor():
            raise InvalidSpec("processor", "A new processor is for images and sounds. Choose a tokenizer for texts.")
        case _:
            tokenizer = _pretrained(AutoTokenizer, context)
            if pretokenized and getattr(tokenizer, "add_prefix_space", None) is False:
                # Such a tokenizer reads the space before a word as part of it, and refuses words without one.
                tokenizer = _pretrained(AutoTokenizer, context, add_prefix_space=True)
    if tokenizer.pad_token_id is None:
        raise InvalidSpec("processor", "This tokenizer has no padding token, so texts cannot be batched.")
    return tokenizer


def load_image_processor(context: Context, size: tuple[int, int], channels: int) -> Any:
    """The image processor of an image task; a new one resizes to `size` (height, width) and centres pixels on 0."""
    processor = context.spec.processor
    match processor:
        case NewImageProcessor():
            return ViTImageProcessorPil(
                size={"height": size[0], "width": size[1]}, image_mean=[0.5] * channels, image_std=[0.5] * channels
            )
        case TrainedTokenizer():
            raise InvalidSpec("processor", "A tokenizer cannot read images. Choose an image processor.")
        case _:
            return _pretrained(AutoImageProcessor, context)


def load_feature_extractor(context: Context, config: PretrainedConfig) -> Any:
    """The feature extractor of an audio task; a new one hears 16,000 samples a second, as the model's config wants them."""
    processor = context.spec.processor
    match processor:
        case NewImageProcessor():
            return new_feature_extractor(config)
        case TrainedTokenizer():
            raise InvalidSpec("processor", "A tokenizer cannot hear sounds. Choose a feature extractor.")
        case _:
            return _pretrained(AutoFeatureExtractor, context)


def _trained(context: Context, wanted: TrainedTokenizer, texts: Sequence[str]) -> Path:
    if context.start.tokenizer is not None:
        return Path(context.start.tokenizer)
    key = tokenizer_key(context.spec)
    assert key is not None
    folder = context.prepared / "tokenizer"
    shutil.rmtree(folder, ignore_errors=True)
    train_tokenizer(texts, wanted, folder)
    return context.store_tokenizer(key, folder)


def _pretrained(auto: Any, context: Context, **more: Any) -> Any:
    """From the place that the processor names, or from the model's."""
    named = context.spec.processor
    source = context.spec.model if isinstance(named, ModelProcessor) else named
    # The field to mend is the one where the place was written.
    field = "model" if isinstance(named, ModelProcessor) else "processor"
    options: dict[str, Any] = {"trust_remote_code": False, **more}
    match source:
        case HubModel():
            place, options["revision"] = hub_id(source.id, field="processor"), source.revision
        case FolderModel():
            place = str(listed_folder(source.path, context.start.model_roots, field=field))
        case ConfigModel():
            raise InvalidSpec("processor", "A model from a config brings no processor. Name one, or have one made.")
        case _:
            raise InvalidSpec("processor", "This processor does not fit the task.")
    try:
        return auto.from_pretrained(place, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InvalidSpec(field, f"No processor could be loaded from {place}: {first_line(error)}") from error
