"""The first rows of each split, small enough to lie in the database and to be read by people."""

import base64
import io
from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

ROWS: Final = 8
"""A split."""
TEXT_CHARS: Final = 300
THUMBNAIL_PIXELS: Final = 64


class Preview:
    """`rows`: `{"split", "label", "text"}` or `{"split", "label", "image" (a data URI), "width", "height"}`."""

    def __init__(self, labels: tuple[str, ...], *, image: bool) -> None:
        self._labels = labels
        self._image = image
        self._seen: Counter[str] = Counter()
        self.rows: list[dict[str, Any]] = []

    def add(self, split: str, values: pa.Array, labels: npt.NDArray[np.int64]) -> None:
        """Take rows of a split until it has enough."""
        wanted = ROWS - self._seen[split]
        for value, label in zip(values[:wanted], labels[:wanted], strict=True):
            shown = thumbnail(value.as_py()) if self._image else {"text": cut(value.as_py())}
            self.rows.append({"split": split, "label": self._labels[int(label)], **shown})
            self._seen[split] += 1


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
