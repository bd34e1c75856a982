"""Hub ids, and nothing that only looks like one."""

import re
from pathlib import Path

from runners.process.training.refusal import InvalidSpec

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?")


def hub_id(text: str, *, field: str) -> str:
    """`text` if it can only mean the Hub. Raises `InvalidSpec`.

    transformers and datasets take a folder of this name before they ask the Hub, so that an id could read any folder
    of the runner; folders have a source of their own, which keeps to the listed roots.
    """
    if not _ID.fullmatch(text) or ".." in text or Path(text).exists():
        raise InvalidSpec(field, f"{text!r} is no Hub id. It has the form owner/name; a folder is named as a folder.")
    return text
