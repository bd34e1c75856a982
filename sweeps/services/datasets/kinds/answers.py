"""Answers of a question: texts, and where each begins in the context."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sweeps.services.datasets.kinds.base import BadCell, Kind, each_cell, parsed_json, shown

_TEXTS: Final = pa.list_(pa.string())
_STARTS: Final = pa.list_(pa.int64())
_TYPE: Final = pa.struct([("text", _TEXTS), ("answer_start", _STARTS)])
_SHAPE: Final = '{"text": ["Paris"], "answer_start": [17]}'


def _answers(row: int, cell: str) -> dict[str, list[Any]] | None:
    """As SQuAD has them (`answer_start`: characters from 0), or SQuAD's original list of {text, answer_start}."""
    if not cell.strip():
        return None
    given = parsed_json(cell)
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        given = {name: [one.get(name) for one in given] for name in ("text", "answer_start")}
    texts, starts = (given.get("text"), given.get("answer_start")) if isinstance(given, dict) else (None, None)
    if not isinstance(texts, list) or not isinstance(starts, list):
        raise BadCell(row, "has no answers with text and answer_start", f"Write them as {_SHAPE}.")
    if len(texts) != len(starts):
        raise BadCell(row, f"has {len(texts)} answer texts and {len(starts)} answer_start", "Give each text its start.")
    numbers = []
    for text, start in zip(texts, starts, strict=True):
        if not isinstance(text, str) or not text:
            raise BadCell(row, f"has the answer {shown(text)}", "Write each answer as text in quotes.")
        if not isinstance(start, str) or not start.isascii() or not start.isdigit() or len(start) > 9:
            raise BadCell(row, f"has the answer_start {shown(start)}", "Count characters of the context from 0.")
        numbers.append(int(start))
    return {"text": texts, "answer_start": numbers}


def check_answers(contexts: pa.Array, answers: pa.Array) -> None:
    """Every answer stands in its context, where it says. Raises `BadCell`."""
    for row, (context, given) in enumerate(zip(contexts.to_pylist(), answers.to_pylist(), strict=True)):
        if context is None or given is None:
            continue
        for text, start in zip(given["text"], given["answer_start"], strict=True):
            if context[start : start + len(text)] == text:
                continue
            if start + len(text) > len(context):
                why = (
                    f"has an answer that ends at character {start + len(text):,}, and its context has {len(context):,}"
                )
            else:
                there = context[start : start + len(text)]
                why = f"has the answer {shown(text)} at character {start:,}, where its context has {shown(there)}"
            at = context.find(text)
            mend = f"It stands at {at:,}." if at >= 0 else "It stands nowhere in the context."
            raise BadCell(row, why, f"{mend} Mend answer_start.")


def _parts(values: pa.Array) -> list[pa.Array]:
    return [pc.struct_field(values, "text"), pc.struct_field(values, "answer_start")]


ANSWERS: Final = Kind(
    lambda cells, _separator: each_cell(cells, _answers, _TYPE),
    (("answers", _TEXTS), ("answer_starts", _STARTS)),
    _parts,
)
