"""`python -m runners.process.mirror <service> <journal's descriptor> <folder>`: mirror one job to one service.

stdin: the claim as one line of JSON, without secrets; its end says that the journal will not grow any more. stdout: one
sentence for people, where something failed. The team's settings come in the environment. What client
libraries print goes nowhere, for it may hold keys.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final, TextIO

from pydantic import ValidationError

from runners.process.journal import event_of
from runners.process.mirror.follow import Follower, GivenUp
from runners.process.mirror.registry import make_service
from runners.process.mirror.service import Sweep
from runners.protocol.events import AnyEvent
from runners.protocol.job import Claimed
from runners.protocol.mirrors import MIRROR_LABELS
from runners.protocol.spec import Reporting

LINGER_S: Final = 60.0
"""For what is still to be told when the job is over."""
_POLL_S: Final = 0.5
_CHUNK: Final = 2**20
_LONGEST: Final = 300


class Voice:
    """Says the first failure, in a sentence; the others would say the same again."""

    def __init__(self, stream: TextIO, label: str) -> None:
        self._stream = stream
        self._label = label
        self._complained = False

    def complain(self, error: Exception) -> None:
        if self._complained:
            return
        self._complained = True
        first = (str(error).strip().splitlines() or [""])[0][:_LONGEST]
        print(
            f"Trials are not all mirrored to {self._label}: {type(error).__name__}: {first}",
            file=self._stream,
            flush=True,
        )


def main(arguments: list[str]) -> int:
    """0 when everything was told."""
    name, descriptor, folder = arguments
    service: Reporting = name  # type: ignore[assignment]  # the supervisor names one of them
    os.nice(10)  # training comes first
    voice = Voice(_own_stdout(), MIRROR_LABELS[service])
    claimed = Claimed.model_validate_json(sys.stdin.buffer.readline())
    over = _watch()
    sweep = Sweep(claimed.sweep, claimed.name or claimed.sweep, Path(folder))
    try:
        made = make_service(service, sweep)
    except Exception as error:  # noqa: BLE001 - whatever a client library raises
        voice.complain(error)
        return 1
    follower = Follower(made, sweep, claimed.spec, voice.complain)
    try:
        with os.fdopen(int(descriptor), "rb") as journal:
            for events in _follow(journal, over):
                follower.take(events)
        follower.end_all("lost")
    except GivenUp:
        return 1
    return 0


def _follow(journal: BufferedReader, over: threading.Event) -> Iterator[list[AnyEvent]]:
    """The journal's events in order, until it is over and read to its end. A torn last line never happened."""
    rest = b""
    while True:
        ending = over.is_set()
        data = journal.read(_CHUNK)
        *lines, rest = (rest + data).split(b"\n")
        if lines:
            yield list(_events(lines))
        if not data:
            if ending:
                return
            over.wait(_POLL_S)


def _events(lines: list[bytes]) -> Iterator[AnyEvent]:
    for line in lines:
        with contextlib.suppress(ValidationError):  # cut off in its midst: the server refuses what stood there
            yield event_of(line + b"\n")


def _own_stdout() -> TextIO:
    """The pipe to the supervisor for us alone; everyone else prints into nothing."""
    ours = os.fdopen(os.dup(1), "w")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    return ours


def _watch() -> threading.Event:
    """Set when stdin ends. Some time later the process ends, whatever it is at."""
    over = threading.Event()

    def wait() -> None:
        sys.stdin.buffer.read()
        over.set()
        time.sleep(LINGER_S)
        os._exit(2)

    threading.Thread(target=wait, name="watch", daemon=True).start()
    return over


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
