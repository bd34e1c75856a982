"""Words with a tag each."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from transformers import DataCollatorForTokenClassification, PretrainedConfig

from runners.process.training.entities import compute_entities
from runners.process.training.metrics import first_output
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array, Ragged
from runners.process.training.task import Context, Settings, number_of
from runners.process.training.text_task import Encoded, TextTask

_IGNORED = -100
"""The loss leaves tokens with this label out."""


class TokenClassification(TextTask):
    name: ClassVar[str] = "token-classification"
    columns: ClassVar[Columns] = (Column("tokens"), Column("tags", "indices", hub=("ner_tags", "pos_tags")))
    pretokenized: ClassVar[bool] = True

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not self.processor.is_fast:
            raise InvalidSpec("processor", "This tokenizer cannot say which token belongs to which word.")

    def check_rows(self) -> None:
        for name, split in (("training", self.rows.train), ("evaluation", self.rows.eval)):
            for row, (tokens, tags) in enumerate(zip(split["tokens"], split["tags"], strict=True)):
                if len(tokens) != len(tags):
                    raise InvalidSpec(
                        "data",
                        f"Row {row} of the {name} split has {len(tokens)} tokens and {len(tags)} tags; "
                        "each token needs one.",
                    )

    def texts(self) -> Sequence[str]:
        return [" ".join(tokens) for tokens in self.rows.train["tokens"]]

    def encode(self, split: Split, settings: Settings) -> Encoded:
        tokens = self.processor(
            [list(words) for words in split["tokens"]],
            is_split_into_words=True,
            truncation=True,
            max_length=int(number_of(settings, "max_length")),
            padding=False,
        )
        labels = [aligned(tokens.word_ids(row), tags) for row, tags in enumerate(split["tags"])]
        return {**self.token_lists(tokens), "labels": Ragged.of(labels)}

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del split, encoded
        return {}

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        collate: Callable[[Any], Any] = DataCollatorForTokenClassification(self.processor)
        return collate

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        compute: Callable[[Any], dict[str, float]] = compute_entities(self.rows.names)
        return compute

    def preprocess_logits(self) -> Callable[[Any, Any], Any]:
        return likeliest

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = (2, int(number_of(settings, "max_length")))
        return {name: torch.zeros(shape, dtype=torch.long, device="meta") for name in ("input_ids", "labels")}


def aligned(words: Sequence[int | None], tags: Sequence[int]) -> list[int]:
    """A label for each token: its word's tag at the word's first token, nothing at the others.

    `words`: the word of each token, None where it is none.
    """
    labels = []
    before: int | None = None
    for word in words:
        labels.append(_IGNORED if word is None or word == before else tags[word])
        before = word
    return labels


def likeliest(logits: Any, labels: Any) -> Any:
    """Of scores of shape (rows, tokens, tags) only the likeliest tag is kept, which is far less memory."""
    del labels
    return first_output(logits).argmax(dim=-1)
