"""Bounds of what is read. They protect the server; no honest data set of these tasks comes near them."""

from typing import Final

MAX_COLUMNS: Final = 500
MAX_NAME_CHARS: Final = 200
MAX_ROWS: Final = 5_000_000
MAX_TEXT_CHARS: Final = 131_072
"""Of one text; also the length of a field that Python's csv reader takes."""
MAX_LABEL_CHARS: Final = 200
MAX_LABELS: Final = 1000
MAX_LINE_BYTES: Final = 16 * 2**20
"""Of one line of JSONL, with all its columns."""

MAX_TABLE_BYTES: Final = 2 * 2**30
"""Of a Parquet file's content when unpacked."""

MAX_IMAGES: Final = 200_000
MAX_IMAGE_BYTES: Final = 32 * 2**20
MAX_IMAGE_PIXELS: Final = 25_000_000
MAX_SOUND_SECONDS: Final = 600
MAX_JSON_BYTES: Final = 256 * 2**20
"""Of a file that is one JSON value, which is read at once."""
MAX_ZIP_BYTES: Final = 4 * 2**30
"""Of a zip's content when unpacked."""
MAX_ZIP_RATIO: Final = 100
"""Images hardly shrink in a zip: what unpacks to more than a hundred times its size is no image."""

BATCH_ROWS: Final = 8192
BATCH_BYTES: Final = 16 * 2**20
"""A batch ends at whichever of the two comes first."""

MIN_ROWS_A_LABEL: Final = 2
