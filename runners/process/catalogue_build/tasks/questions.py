"""Questions that a passage of a context answers."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
from runners.protocol.catalogue.shapes import Field, MetricInfo, Task
from runners.protocol.space import CategoricalParameter

QUESTION_ANSWERING: Final = Task(
    name="question-answering",
    label="Question answering",
    modality="text",
    auto_class="AutoModelForQuestionAnswering",
    metrics=(
        MetricInfo(
            name="eval_loss",
            label="Loss",
            direction="minimize",
            help="Mean cross-entropy of where the answer begins and ends, over all windows of the contexts.",
        ),
        MetricInfo(
            name="eval_exact_match",
            label="Exact match",
            direction="maximize",
            help="The share of questions whose answer is a true one, but for case, punctuation and articles.",
        ),
        MetricInfo(
            name="eval_f1",
            label="F1 of words",
            direction="maximize",
            help="The mean over the questions of F1 between the answer's words and the nearest true answer's.",
        ),
    ),
    settings=(
        MAX_LENGTH.model_copy(
            update={
                "help": "The longest window in tokens, question and context together; a longer context is cut "
                "into several windows."
            }
        ),
        Field(
            name="doc_stride",
            type="int",
            default=32,
            minimum=0,
            maximum=511,
            help="Tokens that two neighbouring windows of a long context share.",
            group="data",
            proposal=CategoricalParameter(name="data.doc_stride", choices=(16, 32, 64)),
        ),
        Field(
            name="n_best",
            type="int",
            default=20,
            minimum=1,
            maximum=200,
            help="Beginnings and ends that are tried for each window, the likeliest first.",
            group="answers",
            proposal=CategoricalParameter(name="data.n_best", choices=(5, 10, 20)),
        ),
        Field(
            name="max_answer_length",
            type="int",
            default=30,
            minimum=1,
            maximum=512,
            help="The longest answer in tokens.",
            group="answers",
            proposal=CategoricalParameter(name="data.max_answer_length", choices=(10, 20, 30)),
        ),
        TRAIN_FRACTION,
    ),
)
