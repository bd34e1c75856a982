"""Is this an image? Pillow looks, within bounds."""

import io
import struct
import zlib
from typing import Final

from PIL import Image

from sweeps.services.datasets.limits import MAX_IMAGE_PIXELS
from sweeps.services.datasets.problems import BadData

FORMATS: Final = ("PNG", "JPEG", "BMP", "WEBP", "GIF")
KEPT: Final = frozenset({"PNG", "JPEG"})
"""What runners read; the others are kept as PNG."""

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    OverflowError,
    MemoryError,
    NotImplementedError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What Pillow's decoders raise at bytes that are no image, or a broken one."""


def checked_image(data: bytes, place: str) -> bytes:
    """The image as PNG or JPEG, decoded once to be sure. BadData names `place`. Of an animation the first frame counts."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            kind = image.format
            width, height = image.size
            if width * height > MAX_IMAGE_PIXELS:
                raise BadData(
                    f"{place} has {width:,} × {height:,} pixels; at most {MAX_IMAGE_PIXELS:,} are read. Make it smaller."
                )
            image.load()
            return data if kind in KEPT else _as_png(image)
    except _BROKEN:
        raise BadData(
            f"{place} is no image that can be read, or a broken one. Take it out, or save it anew as PNG, JPEG, WebP, BMP or GIF."
        ) from None


def _as_png(image: Image.Image) -> bytes:
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}:
        image = image.convert("RGB")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
