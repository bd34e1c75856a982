"""A trial's parameters by the place where they act."""

from collections.abc import Mapping
from typing import NamedTuple

from runners.protocol.base import Scalar
from runners.protocol.catalogue import catalogue
from runners.protocol.catalogue.values import typed
from runners.protocol.space import Place, field_of, place_of
from runners.protocol.spec import ConfigModel, SweepSpec


class Placed(NamedTuple):
    """`arguments` for the Trainer, `model` for the config, `data` for the task, `lora` for the adapters; names without their
    place. Variables act nowhere by themselves."""

    arguments: dict[str, Scalar]
    model: dict[str, Scalar]
    data: dict[str, Scalar]
    lora: dict[str, Scalar]


def placed(params: Mapping[str, Scalar]) -> Placed:
    """Sort a trial's parameters into their places."""
    sorted_: dict[Place, dict[str, Scalar]] = {place: {} for place in Place}
    for name, value in params.items():
        sorted_[place_of(name)][field_of(name)] = value
    return Placed(sorted_[Place.ARGUMENTS], sorted_[Place.MODEL], sorted_[Place.DATA], sorted_[Place.LORA])


def typed_derived(spec: SweepSpec, values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Derived values with the type of their field: 4.0 for a whole number is 4. Raises ValueError like `typed`."""
    model_type = spec.model.model_type if isinstance(spec.model, ConfigModel) else None
    result = dict(values)
    for row in spec.space.derived:
        field = catalogue().field(row.name, task=spec.task, model_type=model_type) if row.name in values else None
        if field is not None:
            value = typed(field, values[row.name])
            assert not isinstance(value, list | dict)
            result[row.name] = value
    return result
