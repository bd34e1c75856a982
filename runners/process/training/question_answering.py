"""Questions that a passage of a context answers, or nothing does."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import numpy as np
import torch
from transformers import PretrainedConfig

from runners.process.training.answers import Window, exact_match, predicted_answers, word_f1
from runners.process.training.refusal import InvalidSpec
from runners.process.training.rows import Column, Columns, Split
from runners.process.training.tables import Array, Ragged
from runners.process.training.task import Context, Settings, UnfitSetting, number_of
from runners.process.training.text_task import Encoded, TextTask
from runners.process.training.windows import windows

_STRATEGY = "train_sampling_strategy"
_POSITIONS = ("start_positions", "end_positions")


class QuestionAnswering(TextTask):
    name: ClassVar[str] = "question-answering"
    columns: ClassVar[Columns] = (
        Column("question"),
        Column("context"),
        Column("answers", hub=("answers.text",)),
        Column("answer_starts", hub=("answers.answer_start",)),
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not self.processor.is_fast:
            raise InvalidSpec("processor", "This tokenizer cannot say where a token stands in its text.")
        fixed = context.spec.arguments.get(_STRATEGY)
        searched = {row.name for row in (*context.spec.space.parameters, *context.spec.space.derived)}
        if fixed == "group_by_length" or _STRATEGY in searched:
            # The Trainer then shuffles the evaluation too, and no score knows its question any more.
            field = f"space.{_STRATEGY}" if _STRATEGY in searched else f"arguments.{_STRATEGY}"
            raise InvalidSpec(field, "Question answering needs its rows in order: leave train_sampling_strategy out.")

    def check_rows(self) -> None:
        for name, split in (("training", self.rows.train), ("evaluation", self.rows.eval)):
            for row, (context, texts, starts) in enumerate(
                zip(split["context"], split["answers"], split["answer_starts"], strict=True)
            ):
                where = f"Row {row} of the {name} split"
                if len(texts) != len(starts):
                    raise InvalidSpec("data", f"{where} has {len(texts)} answers and {len(starts)} beginnings.")
                for text, start in zip(texts, starts, strict=True):
                    if start < 0 or context[start : start + len(text)] != text:
                        raise InvalidSpec(
                            "data",
                            f"{where}: the answer {text[:40]!r} does not stand at character {start} of its context.",
                        )

    def texts(self) -> Sequence[str]:
        return list(chain(self.rows.train["question"], self.rows.train["context"]))

    def encoding(self, settings: Settings) -> tuple[str | int | float, ...]:
        return (*super().encoding(settings), int(number_of(settings, "doc_stride")))

    def encode(self, split: Split, settings: Settings) -> Encoded:
        """A row a window: `_row` of the split, `_null` token, `_offsets` (begin and end in turn), answer's positions."""
        try:
            self._check_room(settings)
        except UnfitSetting as error:
            searched = any(row.name == f"data.{error.name}" for row in self.spec.space.parameters)
            raise InvalidSpec(f"{'space.data' if searched else 'data_settings'}.{error.name}", str(error)) from error
        length, stride = int(number_of(settings, "max_length")), int(number_of(settings, "doc_stride"))
        tokens, found = windows(self.processor, split, length, stride)
        return {
            **self.token_lists(tokens),
            "_offsets": Ragged.of([window.offsets for window in found]),
            "_row": np.asarray([window.row for window in found], dtype=np.int64),
            "_null": np.asarray([window.null for window in found], dtype=np.int64),
            "start_positions": np.asarray([window.start for window in found], dtype=np.int64),
            "end_positions": np.asarray([window.end for window in found], dtype=np.int64),
        }

    def values(self, split: Split, encoded: Encoded) -> Mapping[str, Array]:
        del split
        return {name: _array(encoded, name) for name in _POSITIONS}

    def chosen(self, encoded: Encoded, kept: Array) -> Array:
        return np.flatnonzero(np.isin(_array(encoded, "_row"), kept))

    def check_settings(self, config: PretrainedConfig, settings: Settings) -> None:
        super().check_settings(config, settings)
        self._check_room(settings)

    def _check_room(self, settings: Settings) -> None:
        """Every window has a part of its context. Raises `UnfitSetting`."""
        length, stride = number_of(settings, "max_length"), number_of(settings, "doc_stride")
        longest = self.longest_question + self.processor.num_special_tokens_to_add(pair=True)
        if stride >= length - longest:
            raise UnfitSetting(
                "doc_stride" if longest < length else "max_length",
                f"With max_length {length:g} the longest question leaves {max(0, length - longest):g} tokens for the "
                f"context, and doc_stride {stride:g} must be less. Raise max_length or lower doc_stride.",
            )

    @property
    def longest_question(self) -> int:
        """In tokens, over both splits."""
        if self._longest_question is None:
            questions = [*self.rows.train["question"], *self.rows.eval["question"]]
            ids = self.processor(questions, add_special_tokens=False)["input_ids"]
            self._longest_question = max(len(row) for row in ids)
        return self._longest_question

    _longest_question: int | None = None

    def compute_metrics(self, settings: Settings) -> Callable[[Any], dict[str, float]]:
        rows = self.rows.eval
        n_best, longest = int(number_of(settings, "n_best")), int(number_of(settings, "max_answer_length"))
        may_be_empty = not all(len(texts) for split in (self.rows.train, rows) for texts in split["answers"])

        def compute(prediction: Any) -> dict[str, float]:
            _, encoded = self.encoded(settings)
            offsets = encoded["_offsets"]
            assert isinstance(offsets, Ragged)
            of_rows = _array(encoded, "_row")
            answers = predicted_answers(
                [
                    Window(int(row), np.asarray(offsets.row(index), dtype=np.int64).reshape(-1, 2))
                    for index, row in enumerate(of_rows)
                ],
                prediction.predictions[0],
                prediction.predictions[1],
                rows["context"],
                nulls=_array(encoded, "_null").tolist(),
                n_best=n_best,
                longest=longest,
                may_be_empty=may_be_empty,
            )
            pairs = list(zip(answers, rows["answers"], strict=True))
            return {
                "exact_match": float(np.mean([exact_match(answer, true) for answer, true in pairs])),
                "f1": float(np.mean([word_f1(answer, true) for answer, true in pairs])),
            }

        return compute

    def example(self, config: PretrainedConfig, settings: Settings) -> dict[str, torch.Tensor]:
        del config
        shape = (2, int(number_of(settings, "max_length")))
        positions = {name: torch.zeros(2, dtype=torch.long, device="meta") for name in _POSITIONS}
        return {"input_ids": torch.zeros(shape, dtype=torch.long, device="meta"), **positions}


def _array(encoded: Encoded, name: str) -> Array:
    column = encoded[name]
    assert not isinstance(column, Ragged)
    return column
