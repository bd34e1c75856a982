"""Tasks by name: our own, and those of packages that add one (see docs/extending.md).

A new task of our own is a module, a line here, an entry in the catalogue, and a test.
"""

from typing import Final

from runners.process.training.audio_classification import AudioClassification
from runners.process.training.causal_lm import CausalLm
from runners.process.training.image_classification import ImageClassification
from runners.process.training.masked_lm import MaskedLm
from runners.process.training.multi_label_classification import MultiLabelClassification
from runners.process.training.question_answering import QuestionAnswering
from runners.process.training.refusal import InvalidSpec, first_line
from runners.process.training.seq2seq import Seq2Seq
from runners.process.training.task import Context, Task
from runners.process.training.text_classification import TextClassification
from runners.process.training.text_regression import TextRegression
from runners.process.training.token_classification import TokenClassification
from runners.protocol.catalogue.additions import entry_point

TASKS: Final[dict[str, type[Task]]] = {
    task.name: task
    for task in (
        TextClassification,
        MultiLabelClassification,
        TextRegression,
        TokenClassification,
        QuestionAnswering,
        CausalLm,
        Seq2Seq,
        MaskedLm,
        ImageClassification,
        AudioClassification,
    )
}

GROUP: Final = "hpweb.tasks"


def make_task(context: Context) -> Task:
    """The spec's task, loaded. Raises `InvalidSpec`."""
    name = context.spec.task
    return (TASKS.get(name) or added_task(name))(context)


def added_task(name: str) -> type[Task]:
    """The task of that name from another package. Raises `InvalidSpec`."""
    entry = entry_point(GROUP, name)
    if entry is None:
        raise InvalidSpec(
            "task", f"This runner has no task {name}. Install the package that adds it beside the runner."
        )
    try:
        task = entry.load()
    except Exception as error:  # whatever another package may raise
        raise InvalidSpec(
            "task", f"The task {name} of {entry.value} could not be loaded: {first_line(error)}"
        ) from error
    if not (isinstance(task, type) and issubclass(task, Task)):
        raise InvalidSpec("task", f"{entry.value} is no subclass of runners.process.training.task.Task.")
    return task
