"""Who may take files away from the artifact store, and when.

A file is removed only by someone who holds the collector's lock, and a backup holds it meanwhile, so that no file that
its database names is gone before it was copied. What could not be removed then is found later as a file that no row
names. The lock is of the operating system: it ends with the process that holds it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


def lock_path() -> Path:
    """The file whose lock it is; below the data folder, which all servers share."""
    folder = Path(settings.DATA_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "collector.lock"


@contextmanager
def hold_files() -> Iterator[None]:
    """No file leaves the store inside; several may hold it at once. Waits for a removal under way, which is short."""
    with _opened() as handle:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield


@contextmanager
def collecting() -> Iterator[bool]:
    """Whether files may be removed inside: False while somebody holds them."""
    with _opened() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            free = False
        else:
            free = True
        yield free


@contextmanager
def _opened() -> Iterator[int]:
    """The lock's file; closing it gives the lock back."""
    handle = os.open(lock_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)
