"""Texts with any number of labels each."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
from runners.protocol.catalogue.shapes import Field, MetricInfo, Task
from runners.protocol.space import FloatParameter

MULTI_LABEL_CLASSIFICATION: Final = Task(
    name="multi-label-classification",
    label="Multi-label classification",
    modality="text",
    auto_class="AutoModelForSequenceClassification",
    metrics=(
        MetricInfo(
            name="eval_loss",
            label="Loss",
            direction="minimize",
            help="Mean binary cross-entropy over all labels of all rows.",
        ),
        MetricInfo(
            name="eval_f1_micro",
            label="F1, micro",
            direction="maximize",
            help="F1 over all labels of all rows together; common labels count most.",
        ),
        MetricInfo(
            name="eval_f1_macro",
            label="F1, macro",
            direction="maximize",
            help="The mean over the labels of F1; rare labels count as much as common ones.",
        ),
        MetricInfo(
            name="eval_f1_samples",
            label="F1, by row",
            direction="maximize",
            help="The mean over the rows of F1; 0 for a row without labels, true or found.",
        ),
        MetricInfo(
            name="eval_subset_accuracy",
            label="Subset accuracy",
            direction="maximize",
            help="The share of rows with exactly the right labels.",
        ),
        MetricInfo(
            name="eval_roc_auc",
            label="ROC AUC, macro",
            direction="maximize",
            help="The mean over the labels of how often a row with the label scores above one without; needs no "
            "threshold. 0.5 is chance. Labels that all rows have, or none, are left out.",
        ),
    ),
    settings=(
        MAX_LENGTH,
        Field(
            name="threshold",
            type="float",
            default=0.5,
            minimum=0.001,
            maximum=0.999,
            help="A label is found where its probability is at least this. Acts on the metrics, not on training.",
            group="data",
            proposal=FloatParameter(name="data.threshold", low=0.1, high=0.9, step=0.1),
        ),
        TRAIN_FRACTION,
    ),
)
