"""Sequence to sequence: summarisation, translation, and whatever turns one text into another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from transformers import DataCollatorForSeq2Seq, PretrainedConfig

from runners.process.training.causal_lm import end_of
from runners.process.training.generation import Generates
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array, Ragged
from runners.process.training.task import Settings, number_of
from runners.process.training.text_task import Encoded, TextTask
from runners.process.training.written import compute_written


class Seq2Seq(TextTask):
    name: ClassVar[str] = "seq2seq"
    columns: ClassVar[Columns] = (
        Column("source", hub=("text", "document", "article", "dialogue")),
        Column("target", hub=("summary", "highlights")),
    )
    trainer_mixin: ClassVar[type | None] = Generates

    def texts(self) -> Sequence[str]:
        return [*self.rows.train["source"], *self.rows.train["target"]]

    def encoding(self, settings: Settings) -> tuple[str | int | float, ...]:
        return (*super().encoding(settings), int(number_of(settings, "max_target_length")))

    def encode(self, split: Split, settings: Settings) -> Encoded:
        tokens = self.processor(
            list(split["source"]), truncation=True, max_length=int(number_of(settings, "max_length")), padding=False
        )
        targets = self.processor(
            text_target=list(split["target"]),
            truncation=True,
            max_length=int(number_of(settings, "max_target_length")),
            padding=False,
        )
        return {"input_ids": Ragged.of(tokens["input_ids"]), "labels": Ragged.of(targets["input_ids"])}

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del split, encoded
        return {}

    def adapt(self, config: PretrainedConfig) -> None:
        super().adapt(config)
        pad, end = self.processor.pad_token_id, end_of(self.processor)
        config.eos_token_id = end
        config.decoder_start_token_id = pad
        if hasattr(config, "forced_eos_token_id"):
            config.forced_eos_token_id = end

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        collate: Callable[[Any], Any] = DataCollatorForSeq2Seq(self.processor)
        return collate

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        return compute_written(self.processor)

    def trainer_attributes(self, settings: Settings) -> dict[str, Any]:
        return {
            "generation": {
                "num_beams": int(number_of(settings, "num_beams")),
                "max_new_tokens": int(number_of(settings, "max_target_length")),
            }
        }

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        lengths = {"input_ids": "max_length", "labels": "max_target_length"}
        return {
            name: torch.zeros((2, int(number_of(settings, length))), dtype=torch.long, device="meta")
            for name, length in lengths.items()
        }
