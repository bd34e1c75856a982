"""The model over the whole space: every combination that can be drawn must be a model that can be built."""

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Final

from runners.protocol.base import Scalar
from runners.protocol.catalogue import ModelType, catalogue
from runners.protocol.space import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Place,
    SearchSpace,
    field_of,
    place_of,
)
from runners.protocol.spec import ConfigModel, FieldValue, ModelSource
from sweeps.validation.problems import Problem
from sweeps.validation.relations import broken, filled_config

MAX_COMBINATIONS: Final = 20_000
OFFSET: Final = {"roberta": 2}
"""Positions that an architecture keeps for itself."""


def check_extremes(source: ModelSource, space: SearchSpace, settings: Mapping[str, Scalar]) -> list[Problem]:
    """Problems at `space.<parameter>` or `data_settings.<name>`. Only models from a config are known well enough."""
    model_type = catalogue().model_type(source.model_type) if isinstance(source, ConfigModel) else None
    if not isinstance(source, ConfigModel) or model_type is None:
        return []
    return [*_shapes(model_type, source.fields, space), *_length(model_type, source.fields, space, settings)]


def _shapes(model_type: ModelType, fields: Mapping[str, FieldValue], space: SearchSpace) -> list[Problem]:
    base = filled_config(model_type, fields)
    rows = [
        row
        for row in space.parameters
        if place_of(row.name) is Place.MODEL and isinstance(base.get(field_of(row.name)), int | list)
    ]
    names = [field_of(row.name) for row in rows]
    if not rows:
        return []
    for values in islice(product(*(list(_values(row)) for row in rows)), MAX_COMBINATIONS):
        config = base | dict(zip(names, values, strict=True))
        for relation in broken(config):
            at = next((name for name in relation.fields if name in names), names[0])
            message = f"The space can draw a model that can't be built: {relation.message}"
            return [Problem(f"space.model.{at}", message)]
    return []


def _values(row: FloatParameter | IntParameter | CategoricalParameter) -> Iterator[Scalar]:
    match row:
        case CategoricalParameter():
            yield from row.choices
        case IntParameter():
            # Both ends are always looked at, however long the range is.
            yield row.high
            yield from islice(range(row.low, row.high, row.step), 500)
        case FloatParameter():
            yield row.low
            yield row.high


def _length(
    model_type: ModelType, fields: Mapping[str, FieldValue], space: SearchSpace, settings: Mapping[str, Scalar]
) -> list[Problem]:
    positions = filled_config(model_type, fields).get("max_position_embeddings")
    text = (entry for task in catalogue().tasks if task.modality == "text" for entry in task.settings)
    setting = next((entry for entry in text if entry.name == "max_length"), None)
    if not isinstance(positions, int) or setting is None or model_type.modality != "text":
        return []
    usable = positions - OFFSET.get(model_type.name, 0)
    row = next((row for row in space.parameters if row.name == "data.max_length"), None)
    lengths: list[object]
    if row is None:
        lengths, path = [settings.get("max_length") or setting.default], "data_settings.max_length"
    else:
        lengths, path = list(_values(row)), "space.data.max_length"
    longest = max((length for length in lengths if isinstance(length, int)), default=0)
    if longest <= usable:
        return []
    message = (
        f"Texts of {longest} tokens are longer than the model can read ({usable}): make max_length {usable} or less, "
        "or the model's max_position_embeddings larger."
    )
    return [Problem(path, message)]
