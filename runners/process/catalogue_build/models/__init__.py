"""Model types that can be built from a config. The order is that of the forms."""

from typing import Final

from runners.process.catalogue_build.models.architecture import Architecture
from runners.process.catalogue_build.models.audio import AUDIO_TYPES
from runners.process.catalogue_build.models.images import IMAGE_TYPES
from runners.process.catalogue_build.models.text import TEXT_TYPES

MODEL_TYPES: Final[dict[str, Architecture]] = {**TEXT_TYPES, **IMAGE_TYPES, **AUDIO_TYPES}
