"""Tasks: what they measure and which settings of the data they have."""

from typing import Final

from runners.protocol.catalogue.shapes import Field, MetricInfo, Task
from runners.protocol.space import CategoricalParameter, FloatParameter

_CLASSIFICATION: Final = (
    MetricInfo(
        name="eval_loss",
        label="Loss",
        direction="minimize",
        help="Mean cross-entropy: how surprised the model is by the right labels.",
    ),
    MetricInfo(
        name="eval_accuracy", label="Accuracy", direction="maximize", help="The share of rows with the right label."
    ),
    MetricInfo(
        name="eval_balanced_accuracy",
        label="Balanced accuracy",
        direction="maximize",
        help="The mean over the labels of the share that was found; rare labels count as much as common ones.",
    ),
    MetricInfo(
        name="eval_f1_macro",
        label="F1, macro",
        direction="maximize",
        help="The mean over the labels of F1, which joins how many were found and how many finds were right.",
    ),
    MetricInfo(
        name="eval_f1_weighted",
        label="F1, weighted",
        direction="maximize",
        help="F1 of each label, weighted by its rows.",
    ),
    MetricInfo(
        name="eval_precision_macro",
        label="Precision, macro",
        direction="maximize",
        help="The mean over the labels of the share of finds that were right.",
    ),
    MetricInfo(
        name="eval_mcc",
        label="Matthews correlation",
        direction="maximize",
        help="From -1 to 1; 0 is no better than chance, also where one label is very common.",
    ),
)

_TRAIN_FRACTION: Final = Field(
    name="train_fraction",
    type="float",
    default=1.0,
    minimum=0.001,
    maximum=1.0,
    help="The share of the training rows that is used; a smaller share is part of every larger one.",
    group="data",
    proposal=FloatParameter(name="data.train_fraction", low=0.25, high=1.0, step=0.25),
)

TASKS: Final[tuple[Task, ...]] = (
    Task(
        name="text-classification",
        label="Text classification",
        modality="text",
        auto_class="AutoModelForSequenceClassification",
        metrics=_CLASSIFICATION,
        settings=(
            Field(
                name="max_length",
                type="int",
                default=128,
                minimum=8,
                maximum=512,
                help="The longest text in tokens; what is longer is cut.",
                group="data",
                proposal=CategoricalParameter(name="data.max_length", choices=(32, 64, 128)),
            ),
            _TRAIN_FRACTION,
        ),
    ),
    Task(
        name="image-classification",
        label="Image classification",
        modality="image",
        auto_class="AutoModelForImageClassification",
        metrics=_CLASSIFICATION,
        settings=(
            Field(
                name="image_size",
                type="int",
                nullable=True,
                default=None,
                minimum=1,
                maximum=2048,
                help="Side in pixels to which images are brought; by default the model's own.",
                group="data",
                searchable=False,
                reason="the images are prepared once, for all trials.",
            ),
            _TRAIN_FRACTION,
        ),
    ),
)
