"""Texts with a tag at each token."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
from runners.protocol.catalogue.shapes import MetricInfo, Task

TOKEN_CLASSIFICATION: Final = Task(
    name="token-classification",
    label="Token classification",
    modality="text",
    auto_class="AutoModelForTokenClassification",
    metrics=(
        MetricInfo(
            name="eval_loss",
            label="Loss",
            direction="minimize",
            help="Mean cross-entropy over the tags: how surprised the model is by the right ones.",
        ),
        MetricInfo(
            name="eval_f1",
            label="F1 of entities",
            direction="maximize",
            help="Joins precision and recall of whole entities; type, beginning and end must all be right.",
        ),
        MetricInfo(
            name="eval_precision",
            label="Precision of entities",
            direction="maximize",
            help="The share of the entities that were found which are right.",
        ),
        MetricInfo(
            name="eval_recall",
            label="Recall of entities",
            direction="maximize",
            help="The share of the true entities that were found.",
        ),
        MetricInfo(
            name="eval_accuracy",
            label="Accuracy of tags",
            direction="maximize",
            help="The share of tokens with the right tag, those outside of entities included.",
        ),
    ),
    settings=(MAX_LENGTH, TRAIN_FRACTION),
)
