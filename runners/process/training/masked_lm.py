"""Masked language modelling."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from transformers import DataCollatorForLanguageModeling, DataCollatorForTokenClassification, PretrainedConfig

from runners.process.training.language import IGNORED, same_tokens, token_metrics
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array, Ragged
from runners.process.training.task import Context, Settings, number_of
from runners.process.training.text_task import Encoded, TextTask

_EVALUATED = 0.15
"""The share of tokens that is masked for evaluation, in every trial: their figures must compare."""


class MaskedLm(TextTask):
    """Masks are drawn anew for every training batch; those of the evaluation are drawn once, from the sweep's seed."""

    name: ClassVar[str] = "masked-lm"
    columns: ClassVar[Columns] = (Column("text"),)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if self.processor.mask_token_id is None:
            raise InvalidSpec("processor", "This tokenizer has no mask token, so nothing can be masked.")

    def texts(self) -> Sequence[str]:
        texts: Sequence[str] = self.rows.train["text"]
        return texts

    def encode(self, split: Split, settings: Settings) -> Encoded:
        tokens = self.processor(
            list(split["text"]), truncation=True, max_length=int(number_of(settings, "max_length")), padding=False
        )
        encoded = self.token_lists(tokens)
        if split is self.rows.eval:
            masked = [self._masked(ids, row) for row, ids in enumerate(tokens["input_ids"])]
            encoded["input_ids"] = Ragged.of([ids for ids, _ in masked])
            encoded["labels"] = Ragged.of([labels for _, labels in masked])
        return encoded

    def _masked(self, ids: Sequence[int], row: int) -> tuple[list[int], list[int]]:
        """A row with some tokens masked, at least one, and the labels of those."""
        chance = np.random.default_rng((self.spec.seed, row))
        special = set(self.processor.all_special_ids)
        places = [place for place, token in enumerate(ids) if token not in special]
        if not places:
            return list(ids), [IGNORED] * len(ids)
        count = max(1, round(_EVALUATED * len(places)))
        hidden = {int(place) for place in chance.choice(places, size=count, replace=False)}
        mask = self.processor.mask_token_id
        return (
            [mask if place in hidden else token for place, token in enumerate(ids)],
            [token if place in hidden else IGNORED for place, token in enumerate(ids)],
        )

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del split, encoded
        return {}

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        return Masks(self.processor, number_of(settings, "mlm_probability"))

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        return token_metrics

    def preprocess_logits(self) -> Callable[[Any, Any], Any]:
        return same_tokens

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = (2, int(number_of(settings, "max_length")))
        return {name: torch.zeros(shape, dtype=torch.long, device="meta") for name in ("input_ids", "labels")}


class Masks:
    """Masks rows that come without labels, and pads those that have them."""

    def __init__(self, tokenizer: Any, probability: float) -> None:
        self._mask = DataCollatorForLanguageModeling(tokenizer, mlm=True, mlm_probability=probability)
        self._pad = DataCollatorForTokenClassification(tokenizer)

    def __call__(self, items: list[dict[str, Any]]) -> Any:
        return self._pad(items) if "labels" in items[0] else self._mask(items)
