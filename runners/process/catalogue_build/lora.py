"""The fields of low-rank adapters, with peft's defaults."""

from typing import Final

from runners.protocol.catalogue.shapes import Field
from runners.protocol.space import CategoricalParameter, FloatParameter

LORA: Final = (
    Field(
        name="r",
        type="int",
        default=8,
        group="adapters",
        help="Rank of the adapters: more rank, more weights to train.",
        minimum=1,
        maximum=1024,
        proposal=CategoricalParameter(name="lora.r", choices=(4, 8, 16, 32)),
    ),
    Field(
        name="alpha",
        type="int",
        default=16,
        group="adapters",
        help="Scale of what the adapters add; divided by the rank.",
        minimum=1,
        maximum=4096,
        proposal=CategoricalParameter(name="lora.alpha", choices=(8, 16, 32)),
    ),
    Field(
        name="dropout",
        type="float",
        default=0.0,
        group="adapters",
        help="Dropout before the adapters.",
        minimum=0.0,
        maximum=0.9,
        proposal=FloatParameter(name="lora.dropout", low=0.0, high=0.2),
    ),
)
