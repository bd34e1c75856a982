"""What the fields of a model's config must be to each other. The shapes fail otherwise, in the first trial."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from runners.protocol.catalogue import ModelType
from runners.protocol.spec import FieldValue

WIDTH_AND_HEADS: Final = (("hidden_size", "num_attention_heads"), ("dim", "n_heads"))
SAME_LENGTH: Final = (("depths", "hidden_sizes"), ("depths", "num_heads"))


@dataclass(frozen=True)
class Broken:
    """`fields` do not fit each other. The first is the one to show the sentence at."""

    fields: tuple[str, ...]
    message: str


def filled_config(model_type: ModelType, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The config's fields with their defaults."""
    return {field.name: fields.get(field.name, field.default) for field in model_type.fields}


def broken(config: Mapping[str, FieldValue]) -> Iterator[Broken]:
    """The relations that a config breaks. `config` is filled with defaults; a field it lacks is not looked at."""
    for width, heads in WIDTH_AND_HEADS:
        wide, many = _whole(config, width), _whole(config, heads)
        if wide and many and wide % many:
            near = max(many, wide // many * many)
            message = f"{width} {wide} can't be shared among {heads} {many}: make {width} {near} or {near + many}."
            yield Broken((width, heads), message)
    image, patch = _whole(config, "image_size"), _whole(config, "patch_size")
    if image and patch and patch > image:
        message = f"patch_size {patch} is larger than image_size {image}: make the patch {_divisor(image)} or less."
        yield Broken(("patch_size", "image_size"), message)
    elif image and patch and image % patch:
        message = f"image_size {image} is no multiple of patch_size {patch}, so a margin would be cut off: choose a patch that divides it."
        yield Broken(("patch_size", "image_size"), message)
    yield from _lists(config)


def _lists(config: Mapping[str, FieldValue]) -> Iterator[Broken]:
    for one, other in SAME_LENGTH:
        first, second = config.get(one), config.get(other)
        if isinstance(first, list) and isinstance(second, list) and len(first) != len(second):
            message = f"{one} has {len(first)} entries and {other} {len(second)}: give one each for every stage."
            yield Broken((one, other), message)
            return
    stages, depths = _whole(config, "num_stages"), config.get("depths")
    if stages and isinstance(depths, list) and len(depths) != stages:
        yield Broken(
            ("num_stages", "depths"), f"num_stages is {stages} but depths has {len(depths)} entries: make them alike."
        )
    wide, heads = _whole(config, "embed_dim"), config.get("num_heads")
    if wide and isinstance(heads, list):
        for stage, many in enumerate(heads):
            if isinstance(many, int) and many > 0 and (wide * 2**stage) % many:
                message = f"stage {stage + 1} is {wide * 2**stage} wide, which can't be shared among {many} heads: change embed_dim or num_heads."
                yield Broken(("num_heads", "embed_dim"), message)
                return


def _whole(config: Mapping[str, FieldValue], name: str) -> int | None:
    value = config.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _divisor(image: int) -> int:
    return next(patch for patch in range(max(1, image // 2), 0, -1) if image % patch == 0)
