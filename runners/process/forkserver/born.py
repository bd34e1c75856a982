"""The first moments of a child: from the fork to its entry."""

import importlib
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from runners.process.folder import JobFolder
from runners.process.forkserver.parent import die_with_parent

Entry = Callable[[JobFolder, str, socket.socket], int]


def load_entry(name: str) -> Entry:
    """`package.module:function` → the function."""
    module, _, attribute = name.partition(":")
    entry: Entry = getattr(importlib.import_module(module), attribute)
    return entry


def live(
    folder: JobFolder,
    child: str,
    sock: socket.socket,
    *,
    entry: str,
    environment: Mapping[str, str],
    close: Iterable[int],
) -> NoReturn:
    """Be a child, in the forked process, and never return. `close`: descriptors of the fork server."""
    code = 1
    try:
        _settle(folder.spool / f"{child}.out", folder.spool / f"{child}.err", close)
        os.environ.update(environment)
        code = load_entry(entry)(folder, child, sock)
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:  # noqa: BLE001 - the last frame of this process: say it and go
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # No interpreter shutdown: atexit handlers and buffers here are the fork server's.
        os._exit(code)


def _settle(output: Path, errors: Path, close: Iterable[int]) -> None:
    """Own session, own output, no descriptor of the fork server, default signals, death with the fork server."""
    die_with_parent(os.getppid())
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for descriptor in close:
        os.close(descriptor)
    output.parent.mkdir(parents=True, exist_ok=True)
    for path, descriptor in ((output, 1), (errors, 2)):
        target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(target, descriptor)
        os.close(target)
    for stream in (sys.stdout, sys.stderr):
        # Whole lines at once: what a child said before it was killed is then on disk.
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # the interpreter's own streams are TextIOWrapper
