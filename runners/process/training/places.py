"""A trial's parameters by the place where they act."""

from collections.abc import Mapping
from typing import NamedTuple

from runners.protocol.base import Scalar
from runners.protocol.space import Place, field_of, place_of


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
