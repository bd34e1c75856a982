"""How large a model from a config will be, before a runner has built it."""

from collections.abc import Mapping
from typing import Any, Final

from runners.protocol.catalogue import catalogue
from sweeps.models import Model
from sweeps.validation.relations import filled_config

BYTES: Final = 4
"""Weights are stored as 32-bit floats."""

SMALL: Final = 500_000_000
"""Up to so many bytes the best model is kept without asking."""

_NAMES: Final = {"hidden_size": "dim", "num_hidden_layers": "n_layers", "intermediate_size": "hidden_dim"}


def checkpoint_bytes(model: Model) -> int | None:
    """The bytes of one checkpoint, to within a few percent; None where only a runner can know.

    Known for the plain encoders (embeddings, attention, feed-forward) that are made from a config.
    """
    source = model.source
    known = catalogue().model_type(str(source.get("model_type", ""))) if source.get("source") == "config" else None
    if known is None or known.modality == "audio":
        return None
    config = filled_config(known, source.get("fields", {}))
    width, layers, inner = (_whole(config, name) for name in _NAMES)
    if not width or not layers or not inner:
        return None
    if known.modality == "text":
        vocabulary = model.processor.get("vocab_size") or 30_000
        narrow = _whole(config, "embedding_size") or width
        embeddings = (vocabulary + (_whole(config, "max_position_embeddings") or 512)) * narrow
    else:
        patch, image = _whole(config, "patch_size") or 16, _whole(config, "image_size") or 224
        embeddings = (patch * patch * (_whole(config, "num_channels") or 3) + (image // patch) ** 2) * width
    groups = _whole(config, "num_hidden_groups") or layers  # ALBERT shares its layers
    layer = 4 * width * width + 2 * width * inner + 9 * width + inner
    return BYTES * (embeddings + groups * layer + width * width)


def _whole(config: Mapping[str, Any], name: str) -> int:
    value = config.get(name, config.get(_NAMES.get(name, ""), 0))
    return value if isinstance(value, int) else 0
