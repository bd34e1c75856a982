"""What is said of a model type by hand; the library says the rest."""

from typing import NamedTuple

from runners.protocol.catalogue.shapes import Modality


class Architecture(NamedTuple):
    """`fields`: those of the config that a person may set, in the order of the form."""

    label: str
    modality: Modality
    fields: tuple[str, ...]
