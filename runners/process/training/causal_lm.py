"""Causal language modelling: texts, conversations, or prompts with completions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from transformers import DataCollatorForTokenClassification, PretrainedConfig

from runners.process.training.chat import ROLES, written
from runners.process.training.language import Span, labels_in, next_tokens, token_metrics
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array, Ragged
from runners.process.training.task import Context, Settings, number_of
from runners.process.training.text_task import Encoded, TextTask


class CausalLm(TextTask):
    name: ClassVar[str] = "causal-lm"
    columns: ClassVar[Columns] = (
        Column("text", optional=True),
        Column("messages", optional=True, hub=("conversations",)),
        Column("prompt", optional=True, hub=("instruction",)),
        Column("completion", optional=True, hub=("response", "output")),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not self.processor.is_fast:
            raise InvalidSpec("processor", "This tokenizer cannot say where its tokens stand in the text.")

    def check_rows(self) -> None:
        for name, split in (("training", self.rows.train), ("evaluation", self.rows.eval)):
            if not any(column in split for column in ("text", "messages")) and not (
                "prompt" in split and "completion" in split
            ):
                raise InvalidSpec("data", f"The {name} split needs text, messages, or prompt and completion.")
            talks = split["messages"] if "messages" in split else ()  # noqa: SIM401 - no mapping
            for row, messages in enumerate(talks):
                if not any(message["role"] == "assistant" for message in messages):
                    raise InvalidSpec("data", f"Row {row} of the {name} split has no message of the assistant.")
                strange = [message["role"] for message in messages if message["role"] not in ROLES]
                if strange:
                    raise InvalidSpec("data", f"Row {row} of the {name} split has a message of {strange[0]!r}.")

    def texts(self) -> Sequence[str]:
        split = self.rows.train
        if "messages" in split:
            return [message["content"] for messages in split["messages"] for message in messages]
        if "text" in split:
            texts: Sequence[str] = split["text"]
            return texts
        return [*split["prompt"], *split["completion"]]

    def encoding(self, settings: Settings) -> tuple[str | int | float, ...]:
        return (*super().encoding(settings), "answers" if settings["answers_only"] else "all")

    def encode(self, split: Split, settings: Settings) -> Encoded:
        told = [self._row(split, row, answers_only=bool(settings["answers_only"])) for row in range(len(split))]
        tokens = self.processor(
            [text for text, _ in told],
            truncation=True,
            max_length=int(number_of(settings, "max_length")),
            padding=False,
            return_offsets_mapping=True,
            add_special_tokens="messages" not in split or not self.processor.chat_template,
        )
        labels = [
            labels_in(ids, offsets, spans)
            for ids, offsets, (_, spans) in zip(tokens["input_ids"], tokens["offset_mapping"], told, strict=True)
        ]
        return {"input_ids": Ragged.of(tokens["input_ids"]), "labels": Ragged.of(labels)}

    def _row(self, split: Split, row: int, *, answers_only: bool) -> tuple[str, list[Span]]:
        if "messages" in split:
            text, spans = written(self.processor, split["messages"][row])
        elif "text" in split:
            text = split["text"][row]
            spans = [(0, len(text))]
        else:
            prompt, completion = split["prompt"][row], split["completion"][row]
            text, spans = prompt + completion, [(len(prompt), len(prompt) + len(completion))]
        return text, spans if answers_only else [(0, len(text))]

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del split, encoded
        return {}

    def adapt(self, config: PretrainedConfig) -> None:
        super().adapt(config)
        config.eos_token_id = end_of(self.processor)

    def collator(self, settings: Settings) -> Callable[[Any], Any]:
        del settings
        # It pads tokens and labels alike, which is all that is wanted of it.
        collate: Callable[[Any], Any] = DataCollatorForTokenClassification(self.processor)
        return collate

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        del settings
        return token_metrics

    def preprocess_logits(self) -> Callable[[Any, Any], Any]:
        return next_tokens

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = (2, int(number_of(settings, "max_length")))
        return {name: torch.zeros(shape, dtype=torch.long, device="meta") for name in ("input_ids", "labels")}


def end_of(tokenizer: Any) -> int | None:
    """The id of the token that ends a text."""
    end: int | None = tokenizer.eos_token_id
    return tokenizer.sep_token_id if end is None else end
