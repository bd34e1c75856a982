"""Texts, or pairs of texts, with any number of labels each."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from runners.process.training.metrics_many import compute_many_labels
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array
from runners.process.training.task import Settings, number_of
from runners.process.training.text_classification import TEXTS, SequenceTask


class MultiLabelClassification(SequenceTask):
    name: ClassVar[str] = "multi-label-classification"
    columns: ClassVar[Columns] = (*TEXTS, Column("labels", "indices"))

    def config_fields(self) -> Mapping[str, Any]:
        # The loss is then binary cross-entropy; each label is a question of its own.
        return {"problem_type": "multi_label_classification"}

    def labels(self, split: Split) -> Array:
        """1 where a row has a label, else 0; float32 of shape (rows, labels)."""
        flags = np.zeros((len(split), len(self.rows.names)), dtype=np.float32)
        for row, indices in enumerate(split["labels"]):
            flags[row, indices] = 1
        return flags

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        compute: Callable[[Any], dict[str, float]] = compute_many_labels(number_of(settings, "threshold"))
        return compute
