"""The first rows of each split, small enough to lie in the database and to be read by people."""

import base64
import io
from collections import Counter
from typing import Any, Final

import pyarrow as pa
from PIL import Image

from sweeps.services.datasets.roles import Layout
from sweeps.services.datasets.sound_preview import clip

ROWS: Final = 8
"""A split."""
TEXT_CHARS: Final = 300
THUMBNAIL_PIXELS: Final = 64
TOKENS: Final = 60
AROUND_CHARS: Final = 120
"""Of a context, before and after its answer."""


class Preview:
    """`rows`: `{"split", …}`, and what the layout's rows show: `text`, `text_pair`, `label`, `labels`, `number`; `image` or
    `audio` (data URIs) with their sizes; `tokens` (`text`, `tag`); `question`, `before`, `answer`, `after`; `messages`;
    `source` and `target`."""

    def __init__(self, layout: Layout, labels: tuple[str, ...]) -> None:
        self._layout = layout
        self._labels = labels
        self._seen: Counter[str] = Counter()
        self.rows: list[dict[str, Any]] = []

    def add(self, split: str, table: pa.Table) -> None:
        """Take canonical rows of a split until it has enough."""
        for row in table.slice(0, ROWS - self._seen[split]).to_pylist():
            self.rows.append({"split": split, **self._shown(row)})
            self._seen[split] += 1

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for role in self._layout.roles:
            value: Any = row.get(role.name)
            match role.kind:
                case "label":
                    found["label"] = self._labels[value]
                case "labels":
                    found["labels"] = [self._labels[index] for index in value]
                case "number":
                    found["number"] = value
                case "image":
                    found |= thumbnail(value)
                case "audio":
                    found |= clip(value)
                case "tokens":
                    tags = [self._labels[index] for index in row["tags"]]
                    found["tokens"] = [
                        {"text": token[:60], "tag": "" if tag == "O" else tag[:60]}
                        for token, tag in list(zip(value, tags, strict=True))[:TOKENS]
                    ]
                    found["more"] = max(len(value) - TOKENS, 0)
                case "answers":
                    found |= _answer(found.pop("context"), row)
                case "messages":
                    found["messages"] = [{"role": one["role"], "content": cut(one["content"])} for one in value[:6]]
                case "text" if role.name == "context":
                    found["context"] = value
                case "text" if value is not None:
                    name = {"prompt": "source", "completion": "target"}.get(role.name, role.name)
                    found[name] = cut(value)
        return found


def _answer(context: str, row: dict[str, Any]) -> dict[str, str]:
    """The context around the first answer, in three pieces."""
    if not row["answers"]:
        return {"before": cut(context), "answer": "", "after": ""}
    text, start = row["answers"][0], row["answer_starts"][0]
    end = start + len(text)
    before, after = context[max(start - AROUND_CHARS, 0) : start], context[end : end + AROUND_CHARS]
    return {
        "before": ("…" if start > AROUND_CHARS else "") + before,
        "answer": cut(text),
        "after": after + ("…" if end + AROUND_CHARS < len(context) else ""),
    }


def cut(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"


def thumbnail(data: bytes) -> dict[str, Any]:
    """A small PNG of an image as a data URI, with the image's own width and height in pixels."""
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        small = image.convert("L" if image.mode in {"1", "L", "I", "I;16", "F"} else "RGB")
    small.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    out = io.BytesIO()
    small.save(out, "PNG", optimize=True)
    uri = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    return {"image": uri, "width": width, "height": height}
