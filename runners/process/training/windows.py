"""Contexts of questions, cut into windows that a model can read."""

from typing import Any, NamedTuple

from runners.process.training.rows import Split

_OUTSIDE = -1


class AnswerWindow(NamedTuple):
    """`offsets`: begin and end of each token in the context, in turn, -1 outside of it. `start` and `end`: the tokens of
    the first answer; both `null` where this window does not hold it."""

    row: int
    offsets: list[int]
    null: int
    start: int
    end: int


def windows(tokenizer: Any, split: Split, length: int, stride: int) -> tuple[dict[str, Any], list[AnswerWindow]]:
    """(what the tokenizer says of each window, what is known of it). Neighbouring windows share `stride` tokens."""
    tokens = tokenizer(
        # Some questions begin with many spaces, which would leave no room for the context.
        [question.lstrip() for question in split["question"]],
        list(split["context"]),
        truncation="only_second",
        max_length=length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        padding=False,
    )
    rows = tokens.pop("overflow_to_sample_mapping")
    places = tokens.pop("offset_mapping")
    found = []
    for window, row in enumerate(rows):
        ids = tokens["input_ids"][window]
        null = ids.index(tokenizer.cls_token_id) if tokenizer.cls_token_id in ids else 0
        sides = tokens.sequence_ids(window)
        spans = [span if side == 1 else (_OUTSIDE, _OUTSIDE) for span, side in zip(places[window], sides, strict=True)]
        texts, starts = split["answers"][row], split["answer_starts"][row]
        start, end = _answer(spans, starts[0], starts[0] + len(texts[0])) if len(texts) else (None, None)
        if start is None or end is None:
            start = end = null
        found.append(AnswerWindow(row, [place for span in spans for place in span], null, start, end))
    return dict(tokens), found


def _answer(spans: list[tuple[int, int]], begin: int, end: int) -> tuple[int | None, int | None]:
    """The first and last token of characters `begin` to `end`; None where the window does not hold them all."""
    inside = [token for token, span in enumerate(spans) if span[0] >= 0]
    if not inside or spans[inside[0]][0] > begin or spans[inside[-1]][1] < end:
        return None, None
    first = max(token for token in inside if spans[token][0] <= begin)
    last = min(token for token in inside if spans[token][1] >= end)
    return (first, last) if first <= last else (None, None)
