"""Texts, or pairs of texts, with a number each."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from runners.process.training.metrics_numbers import compute_numbers
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array
from runners.process.training.task import Settings
from runners.process.training.text_classification import TEXTS, SequenceTask


class TextRegression(SequenceTask):
    name: ClassVar[str] = "text-regression"
    columns: ClassVar[Columns] = (*TEXTS, Column("label", "number"))

    def config_fields(self) -> Mapping[str, Any]:
        # One output, and with it the mean squared error as loss.
        return {"problem_type": "regression", "num_labels": 1}

    def labels(self, split: Split) -> Array:
        numbers: Array = split["label"].astype(np.float32)
        return numbers

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        return compute_numbers
