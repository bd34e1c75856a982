"""How many bytes the runner's home may have, and what goes when it nears that: what can be fetched again, oldest use first.

In this order: files of data sets and trained tokenizers that no job here uses (the server has them), folders of finished jobs,
then checkpoints of sweeps without a job here. What mirrors show, and jobs with their spools and preprocessed data, is never touched:
a job's folder goes with its end.
"""

import contextlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from runners.process.home import Home
from runners.process.logs import pairs
from runners.protocol.room import HOME_WARNS
from runners.protocol.runner import HomeRoom

logger = logging.getLogger(__name__)

EVERY_S: Final = 30.0
FRESH_S: Final = 3600.0
"""What was used so lately may be on its way to a job that has not noted it yet."""


@dataclass(frozen=True)
class Cached:
    """Something that may go. `used`: seconds since the epoch of its last use."""

    used: float
    size: int
    path: Path


class HomeLimit:
    """`limit`: bytes; None is no limit, and nothing is measured then."""

    def __init__(self, home: Home, limit: int | None) -> None:
        self._home = home
        self._limit = limit
        self._room: HomeRoom | None = None
        self._looked = -EVERY_S

    def look(self, sweeps: set[str]) -> HomeRoom | None:
        """Make room where it is needed, and say how much there is. Reads the disk, at most every half minute.

        `sweeps`: those that have a job here.
        """
        if self._limit is None:
            return None
        if time.monotonic() - self._looked >= EVERY_S:
            self._looked = time.monotonic()
            try:
                used = tidy(self._home, most=int(self._limit * HOME_WARNS), sweeps=sweeps)
            except OSError as error:  # jobs come and go meanwhile
                logger.debug("The home could not be measured", extra=pairs(reason=error))
            else:
                self._room = HomeRoom(used=used, limit=self._limit)
        return self._room


def tidy(home: Home, *, most: int, sweeps: set[str], fresh_s: float = FRESH_S) -> int:
    """Delete caches until the home has `most` bytes, or there is nothing left that may go. How many it has then."""
    used = size_of(home.path)
    if used <= most:
        return used
    held = _held(home)
    now = time.time()
    groups = (
        [*_below(home.artifacts, held), *_below(home.tokenizers, held)],
        _below(home.finished, held),
        [cached for cached in _below(home.checkpoints, held) if cached.path.name not in sweeps],
    )
    for group in groups:
        for cached in sorted(group, key=lambda cached: cached.used):
            if used <= most:
                return used
            if now - cached.used > fresh_s:
                _remove(cached.path)
                used -= cached.size
                logger.info("Deleted to make room", extra=pairs(path=cached.path, bytes=cached.size))
    return used


def touch(path: Path) -> None:
    """Note that a cached file is used now: in its time of access alone, since another time of change means other content."""
    with contextlib.suppress(OSError):
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def size_of(path: Path) -> int:
    """Bytes of the files at and below `path`; what goes meanwhile counts as nothing."""
    return sum(found.st_size for found in _stats(path))


def _stats(path: Path) -> Iterator[os.stat_result]:
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_dir():
            yield path.lstat()
            return
        with os.scandir(path) as entries:
            children = [Path(entry.path) for entry in entries]
        for child in children:
            yield from _stats(child)


def _below(folder: Path, held: set[Path]) -> list[Cached]:
    """Each file or folder in `folder`; the note beside a tokenizer's folder says when that was used."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        stats = list(_stats(path))
        if path.resolve() in held or path.suffix == ".json" or not stats:
            continue
        note = path.with_name(f"{path.name}.json")
        times = stats if path.is_file() else [*_stats(note), *stats]
        # A folder's files are read by whoever measures it, too: only the note's time of access tells of a use.
        used = max(one.st_mtime for one in times)
        if path.is_file() or note.is_file():
            used = max(used, times[0].st_atime)
        found.append(Cached(used, sum(one.st_size for one in stats), path))
    return found


def _held(home: Home) -> set[Path]:
    """Data and tokenizers that jobs here were started with."""
    held = set()
    for folder in home.leftovers():
        try:
            start = folder.start()
        except (OSError, ValidationError):
            continue
        held |= {Path(path).resolve() for path in (*start.data.values(), start.tokenizer or "") if path}
    return held


def _remove(path: Path) -> None:
    # The note first: without it, the folder beside it is laid out anew.
    path.with_name(f"{path.name}.json").unlink(missing_ok=True)
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
