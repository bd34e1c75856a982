"""Where a process stands: its Python stack, written by a signal handler in C that needs no interpreter lock."""

import contextlib
import faulthandler
import os
import re
import signal
import time
from pathlib import Path
from typing import IO

_SIGNAL = signal.SIGUSR1
_PATIENCE_S = 1.0
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+) in (?P<name>\S+)')
_open: list[IO[bytes]] = []


def answer(path: Path) -> None:
    """From now on this process writes its stacks to `path` when it is asked."""
    file = path.open("wb", buffering=0)
    _open.append(file)  # the handler keeps only the descriptor
    faulthandler.register(_SIGNAL, file=file, all_threads=True)


def ask(pids: dict[int, Path]) -> dict[int, str]:
    """Process id → its stacks, empty from one that does not answer (stopped, or not yet ready to)."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, _SIGNAL)
    deadline = time.monotonic() + _PATIENCE_S
    found = dict.fromkeys(pids, "")
    while time.monotonic() < deadline:
        time.sleep(0.1)
        sizes = {pid: len(text) for pid, text in found.items()}
        for pid, path in pids.items():
            with contextlib.suppress(OSError):
                found[pid] = path.read_text(errors="replace")
        if all(found.values()) and sizes == {pid: len(text) for pid, text in found.items()}:
            break
    return found


def place(stacks: str) -> str:
    """The innermost frame of the main thread in words; "" where there is none."""
    # The main thread is the oldest, and the oldest comes last.
    _, _, main = stacks.rpartition("hread 0x")
    frame = _FRAME.search(main)
    if frame is None:
        return ""
    return f"{frame['name']} ({Path(frame['file']).name}, line {frame['line']})"
