"""Texts with a grade: labels that have an order, learned as numbers."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array
from runners.process.training.task import Settings, number_of
from runners.process.training.text_classification import SequenceTask


class TextGrading(SequenceTask):
    name: ClassVar[str] = "text-grading"
    columns: ClassVar[Columns] = (Column("text"), Column("label", "index"))

    def config_fields(self) -> Mapping[str, Any]:
        return {"problem_type": "regression", "num_labels": 1}

    def labels(self, split: Split) -> Array:
        grades: Array = split["label"].astype(np.float32)
        return grades

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        tolerance = number_of(settings, "tolerance")

        def compute(prediction: Any) -> dict[str, float]:
            off = np.abs(prediction.predictions[:, 0] - prediction.label_ids)
            return {"near": float((off <= tolerance).mean())}

        return compute
