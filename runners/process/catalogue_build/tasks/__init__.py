"""Tasks: what they measure and which settings of the data they have. The order is that of the forms."""

from typing import Final

from runners.process.catalogue_build.tasks.classification import (
    AUDIO_CLASSIFICATION,
    IMAGE_CLASSIFICATION,
    TEXT_CLASSIFICATION,
)
from runners.process.catalogue_build.tasks.language import CAUSAL_LM, MASKED_LM, SEQ2SEQ
from runners.process.catalogue_build.tasks.many_labels import MULTI_LABEL_CLASSIFICATION
from runners.process.catalogue_build.tasks.questions import QUESTION_ANSWERING
from runners.process.catalogue_build.tasks.regression import TEXT_REGRESSION
from runners.process.catalogue_build.tasks.tokens import TOKEN_CLASSIFICATION
from runners.protocol.catalogue.shapes import Task

TASKS: Final[tuple[Task, ...]] = (
    TEXT_CLASSIFICATION,
    MULTI_LABEL_CLASSIFICATION,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    QUESTION_ANSWERING,
    CAUSAL_LM,
    SEQ2SEQ,
    MASKED_LM,
    IMAGE_CLASSIFICATION,
    AUDIO_CLASSIFICATION,
)
