"""Tasks by name."""

from collections.abc import Callable
from typing import Final

from sweeps.queries.script.parts import Part
from sweeps.queries.script.tasks.code import TaskCode
from sweeps.queries.script.tasks.image_classification import image_classification
from sweeps.queries.script.tasks.text_classification import text_classification

TASKS: Final[dict[str, Callable[[Part], TaskCode]]] = {
    "text-classification": text_classification,
    "image-classification": image_classification,
}
