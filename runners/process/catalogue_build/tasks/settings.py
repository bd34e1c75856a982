"""Settings of the data that several tasks have."""

from typing import Final

from runners.protocol.catalogue.shapes import Field
from runners.protocol.space import CategoricalParameter, FloatParameter

MAX_LENGTH: Final = Field(
    name="max_length",
    type="int",
    default=128,
    minimum=8,
    maximum=512,
    help="The longest text in tokens; what is longer is cut.",
    group="data",
    proposal=CategoricalParameter(name="data.max_length", choices=(32, 64, 128)),
)

TRAIN_FRACTION: Final = Field(
    name="train_fraction",
    type="float",
    default=1.0,
    minimum=0.001,
    maximum=1.0,
    help="The share of the training rows that is used; a smaller share is part of every larger one.",
    group="data",
    proposal=FloatParameter(name="data.train_fraction", low=0.25, high=1.0, step=0.25),
)
