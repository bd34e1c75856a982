"""Tasks by name. A new task is a module, a line here, an entry in the catalogue, and a test."""

from typing import Final

from runners.process.training.image_classification import ImageClassification
from runners.process.training.task import Context, Task
from runners.process.training.text_classification import TextClassification

TASKS: Final[dict[str, type[Task]]] = {task.name: task for task in (TextClassification, ImageClassification)}


def make_task(context: Context) -> Task:
    """The spec's task, loaded. Raises `InvalidSpec`."""
    return TASKS[context.spec.task](context)
