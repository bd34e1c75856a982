"""SQuAD's own form, and other JSON files that are one value: a list of objects, or `{"data": [...]}`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from sweeps.services.datasets.limits import BATCH_ROWS, MAX_COLUMNS, MAX_JSON_BYTES
from sweeps.services.datasets.problems import BadData
from sweeps.services.datasets.readers.base import Batch, FileRows, check_columns
from sweeps.services.datasets.readers.jsonl import json_cell

COLUMNS: Final = ("id", "title", "question", "context", "answers")


def whole_json(path: Path) -> FileRows | None:
    """The rows of a file that is one JSON value, or None where it isn't: it may be JSON Lines."""
    if path.stat().st_size > MAX_JSON_BYTES:
        return None
    try:
        value = json.loads(path.read_text("utf-8-sig"), parse_int=str, parse_float=str, parse_constant=str)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return None
    if all(isinstance(row.get("paragraphs"), list) for row in rows):
        rows = list(_questions(rows))
    return _table(rows)


def _questions(articles: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for article in articles:
        for paragraph in article["paragraphs"]:
            if not isinstance(paragraph, dict) or not isinstance(paragraph.get("qas"), list):
                raise BadData("A paragraph of the file has no list of questions (qas). Mend the file.", field="file")
            for asked in paragraph["qas"]:
                if not isinstance(asked, dict):
                    raise BadData("A question (qas) of the file is no object. Mend the file.", field="file")
                yield {
                    "id": asked.get("id"),
                    "title": article.get("title"),
                    "question": asked.get("question"),
                    "context": paragraph.get("context"),
                    "answers": asked.get("answers", []),
                }


def _table(rows: list[dict[str, Any]]) -> FileRows:
    keys: dict[str, None] = {}
    for row in rows:
        keys.update(dict.fromkeys(row))
    if not keys:
        raise BadData("The file has no rows. Upload one with rows.", field="file")
    if len(keys) > MAX_COLUMNS:
        raise BadData(f"The objects have more than {MAX_COLUMNS} different keys. Give all the same keys.", field="file")
    columns = check_columns(list(keys), "The file")

    def batches() -> Iterator[Batch]:
        for start in range(0, len(rows), BATCH_ROWS):
            part = rows[start : start + BATCH_ROWS]
            places = pa.array(range(start + 1, start + 1 + len(part)), pa.int64())
            yield Batch(places, [pa.array([json_cell(row.get(key)) for row in part], pa.string()) for key in keys])

    return FileRows(columns, "row", batches())
