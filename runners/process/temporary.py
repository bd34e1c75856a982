"""Temporary files of a child: in its job's folder, so that they go with it, also after the death of who made them.

Children end by `os._exit` or a signal, which runs no one's clean-up: worker processes of a DataLoader, wandb and Ray all
leave files behind then.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from runners.process.folder import JobFolder

_LONGEST_ROOT: Final = 20
_ROOM: Final = 60
"""A socket's path may have 107 characters, of which multiprocessing and wandb take up to 45 below this folder."""


def _short_root() -> Path:
    root = tempfile.gettempdir()
    # Whatever is put below has a name of one job alone.
    return Path(root if len(root) <= _LONGEST_ROOT else "/tmp")  # noqa: S108


SHORT_ROOT: Final = _short_root()
"""Where a path is short enough for sockets. Known before any child changes its own folder of temporary files."""


def short_name(job: JobFolder, kind: str) -> Path:
    """A short path that belongs to this job alone."""
    return SHORT_ROOT / f"hpweb-{kind}-{hashlib.sha256(str(job.path.resolve()).encode()).hexdigest()[:12]}"


def settle(job: JobFolder, child: str) -> None:
    """Send this process's temporary files, and those of all it starts, into the job's folder."""
    folder = _own(job) / child
    folder.mkdir(parents=True, exist_ok=True)
    shown = folder if len(str(folder)) <= _ROOM else _linked(job) / child
    os.environ["TMPDIR"] = str(shown)
    tempfile.tempdir = None


def remove_of(job: JobFolder, child: str) -> None:
    """Delete what an ended child has left."""
    shutil.rmtree(_own(job) / child, ignore_errors=True)


def remove_all(job: JobFolder) -> None:
    """Delete what is left of all children of a job."""
    shutil.rmtree(_own(job), ignore_errors=True)
    link = short_name(job, "tmp")
    if _is_ours(link, job):
        link.unlink(missing_ok=True)


def _own(job: JobFolder) -> Path:
    return job.path.resolve() / "tmp"


def _linked(job: JobFolder) -> Path:
    """A short name of the job's folder of temporary files; the long one where the short name is somebody else's."""
    link, target = short_name(job, "tmp"), _own(job)
    try:
        link.symlink_to(target)
    except FileExistsError:
        if not _is_ours(link, job):
            return target
    except OSError:
        return target
    return link


def _is_ours(link: Path, job: JobFolder) -> bool:
    try:
        return link.lstat().st_uid == os.getuid() and link.readlink() == _own(job)
    except OSError:
        return False
