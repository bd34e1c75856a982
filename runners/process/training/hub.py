"""Hub ids, and nothing that only looks like one."""

import os
import re
import socket
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from huggingface_hub import constants

from runners.process.training.refusal import InvalidSpec

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?")


def hub_id(text: str, *, field: str) -> str:
    """`text` if it can only mean the Hub. Raises `InvalidSpec`.

    transformers and datasets take a folder of this name before they ask the Hub, so that an id could read any folder
    of the runner; folders have a source of their own, which keeps to the listed roots.
    """
    if not _ID.fullmatch(text) or ".." in text or Path(text).exists():
        raise InvalidSpec(field, f"{text!r} is no Hub id. It has the form owner/name; a folder is named as a folder.")
    settle_offline()
    return text


@lru_cache(maxsize=1)
def settle_offline() -> None:
    """Without a way to the Hub, use its cache from the start: its client would retry for half a minute a file.

    `HF_HUB_OFFLINE` decides where it is set, and behind a proxy only the client can tell.
    """
    if "HF_HUB_OFFLINE" in os.environ or {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} & set(os.environ):
        return
    host = urlsplit(constants.ENDPOINT)
    try:
        socket.create_connection((host.hostname or "", host.port or 443), timeout=5).close()
    except OSError:
        import datasets

        constants.HF_HUB_OFFLINE = True
        datasets.config.HF_HUB_OFFLINE = datasets.config.HF_DATASETS_OFFLINE = True
