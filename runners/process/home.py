"""The runner's home on disk: one process at a time, jobs, and what they share.

<home>/lock                 held while a runner runs; holds its process id
<home>/artifacts/<sha256>   see `folder`
<home>/tokenizers/<key>/    see `folder`; `<key>.json` beside it names the files as the server knows them
<home>/jobs/<job>/          a job that is claimed and not yet finished and acknowledged
<home>/jobs/<job>/claim.json  `ClaimNote`, written before the claim is sent
<home>/packing.json         how many trials trained best at a time, see `packing.learned`
<home>/checkpoints/<sweep>/ see `checkpoints`; outlives its jobs
<home>/mirrors/<sweep>/     what TensorBoard and Trackio show of the latest mirrored sweeps, see `mirror`
<home>/finished/<job>/      journal and output of the last few finished jobs, for people who look for a fault
"""

import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from runners.process import temporary
from runners.process.folder import JobFolder
from runners.process.search.ray.cluster import remove_session
from runners.protocol.base import Message, PublicId
from runners.protocol.job import ClaimId

KEPT_JOBS = 5
KEPT_BYTES = 64 * 2**20
_BULKY = ("ray", "trials", "prepared", "best", "wandb")


class HomeTaken(Exception):
    """Another runner holds this home. The text says which, and the mend."""


class ClaimNote(Message):
    """Under which id a job was claimed: after a restart the same claim can be used again."""

    job: PublicId
    claim_id: ClaimId


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def artifacts(self) -> Path:
        return self.path / "artifacts"

    @property
    def tokenizers(self) -> Path:
        return self.path / "tokenizers"

    @property
    def jobs(self) -> Path:
        return self.path / "jobs"

    @property
    def finished(self) -> Path:
        return self.path / "finished"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def mirrors(self) -> Path:
        return self.path / "mirrors"

    def job(self, job: str) -> JobFolder:
        return JobFolder(self.jobs / job)

    def lock(self) -> "HomeLock":
        """Make the folders and take the home. Raises `HomeTaken`, or OSError when the folder cannot be written."""
        for folder in (self.artifacts, self.tokenizers, self.jobs, self.finished):
            folder.mkdir(parents=True, exist_ok=True)
        return HomeLock(self.path / "lock", self.path)

    def leftovers(self) -> list[JobFolder]:
        """Folders of jobs that an earlier process did not see to their end, oldest first."""
        folders = [path for path in self.jobs.iterdir() if path.is_dir()]
        return [JobFolder(path) for path in sorted(folders, key=lambda path: path.stat().st_mtime)]

    def put_away(self, folder: JobFolder) -> None:
        """Take a finished job out of `jobs`, without its bulk, and forget the oldest ones."""
        remove_session(folder)
        temporary.remove_all(folder)
        for name in _BULKY:
            shutil.rmtree(folder.path / name, ignore_errors=True)
        kept = self.finished / folder.path.name
        shutil.rmtree(kept, ignore_errors=True)
        if not folder.path.exists():
            return
        folder.path.rename(kept)
        os.utime(kept)
        total = 0
        newest_first = sorted(self.finished.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for place, path in enumerate(newest_first):
            total += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            if place >= KEPT_JOBS or total > KEPT_BYTES:
                shutil.rmtree(path, ignore_errors=True)


class HomeLock:
    """Held as long as this object and its process live: the kernel lets go of it when the process dies."""

    def __init__(self, path: Path, home: Path) -> None:
        self._file = path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            self._file.close()
            raise HomeTaken(
                f"The runner's home {home} is in use by process {holder}. "
                "Stop that runner, or set HPWEB_RUNNER_HOME to another folder."
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()
