"""Single-label text classification."""

from collections.abc import Callable
from typing import Any, ClassVar

import torch
from transformers import DataCollatorWithPadding, PretrainedConfig

from runners.process.training.metrics import compute_metrics
from runners.process.training.models import ModelBuilder
from runners.process.training.processors import load_tokenizer
from runners.process.training.rows import Split, fraction, load_rows
from runners.process.training.tables import Ragged, TokenRows, stored
from runners.process.training.task import (
    Context,
    Datasets,
    Settings,
    Task,
    UnfitSetting,
    entry_of,
    first_settings,
    number_of,
)
from runners.protocol.spec import ConfigModel

_OFFSET_POSITIONS = frozenset({"roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "longformer", "mpnet"})
"""Families whose positions begin after the padding id, so that their table is that much shorter than it says."""


class TextClassification(Task):
    name: ClassVar[str] = "text-classification"

    def __init__(self, context: Context) -> None:
        self._context = context
        self.spec = spec = context.spec
        self.rows = load_rows(spec, context.start, "text")
        self.processor = load_tokenizer(context, self.rows.train.inputs)
        self._positions_given = isinstance(spec.model, ConfigModel) and "max_position_embeddings" in spec.model.fields
        self._longest = _longest(context)
        entry = entry_of(spec)
        self.models = ModelBuilder(
            spec.model, entry.auto_class, self.rows.names, context.start.model_roots, self._adapt
        )
        self._read = self.models.inputs()
        self._tokens: dict[int, tuple[dict[str, Ragged], dict[str, Ragged]]] = {}

    def datasets(self, settings: Settings) -> Datasets:
        length = int(number_of(settings, "max_length"))
        if length not in self._tokens:
            self._tokens[length] = (
                self._tokenised(self.rows.train, length, "train"),
                self._tokenised(self.rows.eval, length, "eval"),
            )
        train, evaluation = self._tokens[length]
        kept = fraction(len(self.rows.train), number_of(settings, "train_fraction"), self._context.spec.seed)
        everything = fraction(len(self.rows.eval), 1, 0)
        return Datasets(
            train=TokenRows(train, self.rows.train.labels, kept),
            eval=TokenRows(evaluation, self.rows.eval.labels, everything),
        )

    def collator(self) -> Callable[[Any], Any]:
        collate: Callable[[Any], Any] = DataCollatorWithPadding(self.processor)
        return collate

    def compute_metrics(self) -> Callable[[Any], dict[str, float]]:
        compute: Callable[[Any], dict[str, float]] = compute_metrics(len(self.rows.names))
        return compute

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:  # noqa: ARG002 - images need it
        shape = (2, int(number_of(settings, "max_length")))
        return {
            "input_ids": torch.zeros(shape, dtype=torch.long, device="meta"),
            "labels": torch.zeros(2, dtype=torch.long, device="meta"),
        }

    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        length = int(number_of(settings, "max_length"))
        room = getattr(config, "max_position_embeddings", None)
        if not isinstance(room, int) or room <= 0:
            return
        room -= _offset(config)
        if length > room:
            raise UnfitSetting(
                "max_length", f"max_length {length} is longer than the {room} tokens that the model reads."
            )

    def _adapt(self, config: PretrainedConfig) -> None:
        """A new model reads this tokenizer's ids, and texts as long as the sweep has."""
        tokenizer = self.processor
        config.vocab_size = len(tokenizer)
        for name in ("pad_token_id", "bos_token_id", "eos_token_id"):
            if hasattr(config, name):
                setattr(config, name, getattr(tokenizer, name))
        if not self._positions_given and hasattr(config, "max_position_embeddings"):
            config.max_position_embeddings = max(config.max_position_embeddings, self._longest + _offset(config))

    def _tokenised(self, split: Split, length: int, name: str) -> dict[str, Ragged]:
        def make() -> dict[str, Any]:
            tokens = self.processor(list(split.inputs), truncation=True, max_length=length, padding=False)
            arrays: dict[str, Any] = {}
            for column, values in tokens.items():
                if column in self._read and column != "attention_mask":
                    ragged = Ragged.of(values)
                    arrays[f"{column}.flat"], arrays[f"{column}.offsets"] = ragged.flat, ragged.offsets
            return arrays

        arrays = stored(self._context.prepared / f"tokens-{length}-{name}", make)
        columns = {key.removesuffix(".flat") for key in arrays if key.endswith(".flat")}
        # The collator makes the attention mask while it pads: without padding it is all ones.
        return {column: Ragged(arrays[f"{column}.flat"], arrays[f"{column}.offsets"]) for column in sorted(columns)}


def _offset(config: PretrainedConfig) -> int:
    return (config.pad_token_id or 0) + 1 if config.model_type in _OFFSET_POSITIONS else 0


def _longest(context: Context) -> int:
    """The longest `max_length` of any trial."""
    spec = context.spec
    lengths = [number_of(first_settings(spec), "max_length")]
    for parameter in spec.space.parameters:
        if parameter.name == "data.max_length":
            ends = parameter.choices if parameter.type == "categorical" else (parameter.low, parameter.high)
            lengths += [number for number in ends if isinstance(number, int | float)]
    return int(max(lengths))
