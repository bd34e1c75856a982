"""Texts with a number each."""

from typing import Final

from runners.process.catalogue_build.tasks.settings import MAX_LENGTH, TRAIN_FRACTION
from runners.protocol.catalogue.shapes import MetricInfo, Task

TEXT_REGRESSION: Final = Task(
    name="text-regression",
    label="Text regression",
    modality="text",
    auto_class="AutoModelForSequenceClassification",
    metrics=(
        MetricInfo(name="eval_loss", label="Loss", direction="minimize", help="The mean squared error."),
        MetricInfo(
            name="eval_mse",
            label="Mean squared error",
            direction="minimize",
            help="The mean of the squared differences between predicted and true numbers.",
        ),
        MetricInfo(
            name="eval_rmse",
            label="Root mean squared error",
            direction="minimize",
            help="The root of the mean squared error, in the unit of the numbers.",
        ),
        MetricInfo(
            name="eval_mae",
            label="Mean absolute error",
            direction="minimize",
            help="How far off a prediction is on average, in the unit of the numbers.",
        ),
        MetricInfo(
            name="eval_r2",
            label="R²",
            direction="maximize",
            help="The share of the numbers' variance that is explained: 1 is all, 0 no better than their mean.",
        ),
        MetricInfo(
            name="eval_pearson",
            label="Pearson correlation",
            direction="maximize",
            help="From -1 to 1: how close predicted and true numbers are to one line. 0 where either are all alike.",
        ),
        MetricInfo(
            name="eval_spearman",
            label="Spearman correlation",
            direction="maximize",
            help="From -1 to 1: how well the order of the rows is predicted. 0 where either numbers are all alike.",
        ),
    ),
    settings=(MAX_LENGTH, TRAIN_FRACTION),
)
