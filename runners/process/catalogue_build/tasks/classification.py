"""Tasks with one label a row."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
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

_AUGMENTATION: Final = (
    Field(
        name="flip",
        type="bool",
        default=False,
        help="Mirror every second training image, chosen at random, left to right.",
        group="augmentation",
        proposal=CategoricalParameter(name="data.flip", choices=(False, True)),
    ),
    Field(
        name="crop",
        type="int",
        default=0,
        minimum=0,
        maximum=512,
        help="Move each training image at random by up to so many pixels; its edge fills the gap. 0 moves nothing.",
        group="augmentation",
        proposal=CategoricalParameter(name="data.crop", choices=(0, 1, 2, 4)),
    ),
    Field(
        name="rotation",
        type="float",
        default=0.0,
        minimum=0.0,
        maximum=180.0,
        help="Turn each training image at random by up to so many degrees either way. 0 turns nothing.",
        group="augmentation",
        proposal=FloatParameter(name="data.rotation", low=0.0, high=20.0, step=5.0),
    ),
)

TEXT_CLASSIFICATION: Final = Task(
    name="text-classification",
    label="Text classification",
    modality="text",
    auto_class="AutoModelForSequenceClassification",
    metrics=_CLASSIFICATION,
    settings=(MAX_LENGTH, TRAIN_FRACTION),
)

IMAGE_CLASSIFICATION: Final = Task(
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
        TRAIN_FRACTION,
        *_AUGMENTATION,
    ),
)

AUDIO_CLASSIFICATION: Final = Task(
    name="audio-classification",
    label="Audio classification",
    modality="audio",
    auto_class="AutoModelForAudioClassification",
    metrics=_CLASSIFICATION,
    settings=(
        Field(
            name="max_seconds",
            type="float",
            default=5.0,
            minimum=0.05,
            maximum=60.0,
            help="How much of each sound is heard, from its beginning; what is longer is cut.",
            group="data",
            proposal=CategoricalParameter(name="data.max_seconds", choices=(1.0, 2.0, 5.0)),
        ),
        TRAIN_FRACTION,
    ),
)
