"""A full disk: how it is known, and how a training process gives up where nothing can be written any more."""

import contextlib
import errno
import os
import sys
from typing import Final, NoReturn

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_ROOM: Final = 4
"""The exit code of a process that has given up."""
NO_MEMORY: Final = 5
"""The exit code of one that found no memory before it had a trial."""
SENTENCE: Final = "The runner's disk is full, so the attempt was given up. Free space on it; the trial begins again."
_WORDS: Final = ("no space left on device", "disk quota exceeded")


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk lies behind `error`. torch and safetensors say so in words only."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        if any(words in str(error).lower() for words in _WORDS):
            return True
        error = error.__cause__ or error.__context__
        seen += 1
    return False


def give_up() -> NoReturn:
    """End this process at once. The supervisor says why."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(NO_ROOM)
