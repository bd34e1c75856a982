"""Texts, or pairs of texts, with one label each."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import torch
from transformers import PretrainedConfig

from runners.process.training.metrics import compute_metrics
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array
from runners.process.training.task import Settings, number_of
from runners.process.training.text_task import Encoded, TextTask

TEXTS = (Column("text"), Column("text_pair", optional=True))


class SequenceTask(TextTask):
    """Something is said of a text, or of a pair, as a whole."""

    def texts(self) -> Sequence[str]:
        train = self.rows.train
        return list(chain(train["text"], train["text_pair"])) if "text_pair" in train else train["text"]

    def encode(self, split: Split, settings: Settings) -> Encoded:
        texts = [list(split[name]) for name in ("text", "text_pair") if name in split]
        length = int(number_of(settings, "max_length"))
        return self.token_lists(self.processor(*texts, truncation=True, max_length=length, padding=False))

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del encoded
        return {"labels": self.labels(split)}

    @abstractmethod
    def labels(self, split: Split) -> Array:
        """What is said, of shape (rows,) or (rows, labels), in the type that the loss needs."""

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = (2, int(number_of(settings, "max_length")))
        labels = torch.tensor(self.labels(self.rows.train)[:1])
        return {
            "input_ids": torch.zeros(shape, dtype=torch.long, device="meta"),
            "labels": torch.zeros((2, *labels.shape[1:]), dtype=labels.dtype, device="meta"),
        }


class TextClassification(SequenceTask):
    name: ClassVar[str] = "text-classification"
    columns: ClassVar[Columns] = (*TEXTS, Column("label", "index"))

    def labels(self, split: Split) -> Array:
        labels: Array = split["label"]
        return labels

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        compute: Callable[[Any], dict[str, float]] = compute_metrics(len(self.rows.names))
        return compute
