"""Checkpoints of trials, from which another attempt on this runner goes on.

<home>/checkpoints/<sweep>/<number>/<attempt>-<step>/   a whole one: the Trainer's files and `kept.json`
<home>/checkpoints/<sweep>/<number>/.new-<attempt>/     one that is being written

They outlive their job. A checkpoint is written beside, brought to the disk, and then renamed, so what has its name is whole.
"""

import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import NonNegativeInt, PositiveInt, ValidationError

from runners.process.durable import sync_folder, write_durably
from runners.protocol.base import Message, Number, Scalar

KEPT_S: Final = 14 * 86400.0
KEPT_BYTES: Final = 50 * 10**9
_KEPT: Final = "kept.json"
_NAME: Final = re.compile(r"(\d+)-(\d+)")


class Counters(Message):
    """What the Trainer counts and keeps out of its own state. Losses are sums over steps since the last log, and before."""

    loss: Number
    earlier_loss: Number
    last_logged: NonNegativeInt


class Told(Message):
    """What the trial has told so far. `objective`: of the last evaluation. `bests`: one per objective.

    `reports`: (step, value) as the pruner saw them.
    """

    objective: tuple[Number, ...] = ()
    bests: tuple[Number | None, ...] = ()
    metrics: dict[str, Number] = {}
    reports: tuple[tuple[NonNegativeInt, Number], ...] = ()


class Kept(Message):
    """The note in a checkpoint. `processes`: of the trial. `files`: name → bytes."""

    number: NonNegativeInt
    attempt: PositiveInt
    step: NonNegativeInt
    params: dict[str, Scalar]
    processes: PositiveInt
    counters: Counters
    told: Told
    files: dict[str, NonNegativeInt]


@dataclass(frozen=True)
class Checkpoint:
    """A whole one on the disk."""

    path: Path
    kept: Kept


class SweepCheckpoints:
    """Those of one sweep, in `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def newest(self, number: int, params: Mapping[str, Scalar], processes: int) -> Checkpoint | None:
        """The one that an attempt at this trial goes on from; None where there is none that fits."""
        for _, path in sorted(self._whole(number), reverse=True):
            kept = _read(path)
            if kept and kept.params == dict(params) and kept.processes == processes:
                return Checkpoint(path, kept)
        return None

    def begin(self, number: int, attempt: int) -> Path:
        """An empty folder to write into."""
        folder = self._of(number) / f".new-{attempt}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def discard(self, folder: Path) -> None:
        """It could not be written to its end."""
        shutil.rmtree(folder, ignore_errors=True)

    def keep(self, folder: Path, kept: Kept) -> int:
        """`folder` is written: make it the newest and drop the older ones. `kept.files` is filled in. Returns its bytes."""
        files = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        _sync(folder)
        write_durably(folder / _KEPT, kept.model_copy(update={"files": files}).model_dump_json().encode())
        mine = (kept.attempt, kept.step)
        target = self._of(kept.number) / f"{kept.attempt}-{kept.step}"
        shutil.rmtree(target, ignore_errors=True)
        folder.rename(target)
        sync_folder(target.parent)
        for key, path in self._whole(kept.number):
            if key < mine:
                shutil.rmtree(path, ignore_errors=True)
        return sum(files.values())

    def forget(self, number: int) -> None:
        """The trial has come to its end."""
        shutil.rmtree(self._of(number), ignore_errors=True)

    def forget_all(self) -> None:
        """The sweep has come to its end."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _of(self, number: int) -> Path:
        return self.root / str(number)

    def _whole(self, number: int) -> list[tuple[tuple[int, int], Path]]:
        """((attempt, step), folder) of each."""
        folder = self._of(number)
        names = [(path, _NAME.fullmatch(path.name)) for path in folder.iterdir()] if folder.is_dir() else []
        return [((int(name[1]), int(name[2])), path) for path, name in names if name]


def forget_old(root: Path, *, at_work: set[str], age_s: float = KEPT_S, most_bytes: int = KEPT_BYTES) -> None:
    """Drop sweeps whose checkpoints nobody has come back for: too old, or too many bytes in all, oldest first.

    `root`: <home>/checkpoints. `at_work`: sweeps that have a job here now, which are left alone.
    """
    if not root.is_dir():
        return
    total = 0
    for changed, size, folder in sorted((_measured(path) for path in root.iterdir()), reverse=True):
        total += size
        if folder.name not in at_work and (total > most_bytes or time.time() - changed > age_s):
            shutil.rmtree(folder, ignore_errors=True)


def _measured(folder: Path) -> tuple[float, int, Path]:
    """(the latest change, bytes, the folder)."""
    found = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return max([folder.stat().st_mtime, *(one.st_mtime for one in found)]), sum(one.st_size for one in found), folder


def _read(path: Path) -> Kept | None:
    """The note; None where a disk has lost something of the checkpoint."""
    try:
        kept = Kept.model_validate_json((path / _KEPT).read_bytes())
        whole = all((path / name).stat().st_size == size for name, size in kept.files.items())
    except (OSError, ValidationError):
        return None
    return kept if whole else None


def _sync(folder: Path) -> None:
    """Every file and name below it onto the disk."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
        else:
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
