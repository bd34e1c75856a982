"""The artifact store: bytes named by their content hash, behind Django's storage API.

The storage may be a folder or a bucket, so nothing here knows the path of an artifact. Whatever comes in lies first in
a temporary file of the data folder and gets its name when it is whole: a reader never meets half a file. Where the
storage is a folder on another disk that last step is a copy; a copy that was cut short has the wrong size, and the
next writer of the same content replaces it.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Q

from sweeps.models import Artifact, StoredFolder, Sweep, Upload
from sweeps.services.collecting import collecting
from sweeps.services.locking import lock_content
from teams.models import Team

BLOCK = 2**20


class ArtifactMissing(Exception):
    """The database knows the artifact, but the store has lost its bytes."""


class _LocalFile(File):  # type: ignore[type-arg]  # generic in the stubs only
    """A file that a storage on the same disk may take over by renaming it."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        super().__init__(file, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def artifact_storage() -> Storage:
    return storages["artifacts"]


def upload_dir() -> Path:
    """The folder of what is on its way in; made on demand."""
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store_bytes(*, team: Team, data: bytes) -> Artifact:
    """Keep `data` for the team. The same content is kept once and gives the same row."""
    with temporary_file() as path:
        path.write_bytes(data)
        return _adopt(team=team, path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def store_file(*, team: Team, path: Path, move: bool = False, sha256: str = "") -> Artifact:
    """Keep a file's content for the team, read in blocks.

    With `move` the file is given up, else it is left alone. `sha256`: the hash, where it was just computed (`move` only).
    """
    if move:
        return _adopt(team=team, path=path, sha256=sha256 or hash_file(path), size=path.stat().st_size)
    digest = hashlib.sha256()
    with temporary_file() as temporary:
        with path.open("rb") as source, temporary.open("wb") as target:
            while block := source.read(BLOCK):
                digest.update(block)
                target.write(block)
        return _adopt(team=team, path=temporary, sha256=digest.hexdigest(), size=temporary.stat().st_size)


def open_artifact(artifact: Artifact) -> File:  # type: ignore[type-arg]  # generic in the stubs only
    """The artifact's bytes, opened for reading; the caller closes. ArtifactMissing when the store has lost them."""
    try:
        return artifact_storage().open(artifact.storage_name, "rb")
    except FileNotFoundError as error:
        raise ArtifactMissing(f"The artifact store has lost {artifact}.") from error


@contextmanager
def local_file(artifact: Artifact) -> Iterator[Path]:
    """A path to read the artifact from: its own where the storage is a folder, a temporary copy otherwise."""
    storage = artifact_storage()
    try:
        path = Path(storage.path(artifact.storage_name))
    except NotImplementedError:
        with temporary_file() as copy:
            with open_artifact(artifact) as source, copy.open("wb") as target:
                for block in source.chunks(BLOCK):
                    target.write(block)
            yield copy
        return
    if not path.exists():
        raise ArtifactMissing(f"The artifact store has lost {artifact}.")
    yield path


@contextmanager
def temporary_file(suffix: str = "") -> Iterator[Path]:
    """A path in the upload folder, gone afterwards unless it was moved away."""
    handle, name = tempfile.mkstemp(prefix="tmp-", suffix=suffix, dir=upload_dir())
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def remove_artifact(*, artifact: Artifact) -> bool:
    """Remove an artifact that nothing names any more; False when something does, and it stays.

    A frozen spec names its files by hash, so the data of a sweep outlives the data set. Call outside of a transaction,
    which might be undone after the file is gone.
    """
    team, sha256 = artifact.team, artifact.sha256
    named = (
        artifact.dataset_versions.exists()
        or Upload.objects.filter(artifact=artifact).exists()
        or Sweep.objects.filter(team=team)
        .filter(Q(spec__data__train__sha256=sha256) | Q(spec__data__eval__sha256=sha256))
        .exists()
        or any(
            file["sha256"] == sha256
            for files in StoredFolder.objects.filter(team=team).values_list("files", flat=True)
            for file in files
        )
    )
    if named:
        return False
    artifact.delete()
    remove_stored(sha256)
    return True


def remove_stored(sha256: str) -> bool:
    """Remove the file of that content from the store where no row names it; False when it stays, for now or for good."""
    with collecting() as free, transaction.atomic():
        lock_content(sha256)
        if not free or Artifact.objects.filter(sha256=sha256).exists():
            return False
        artifact_storage().delete(Artifact(sha256=sha256).storage_name)
    return True


def _adopt(*, team: Team, path: Path, sha256: str, size: int) -> Artifact:
    name = Artifact(sha256=sha256).storage_name
    with _second_name(path) as again:
        # Copying may take long, so it is done without a lock; then nobody can take the file away before it has its row.
        keep_file(path, name, size)
        with transaction.atomic():
            lock_content(sha256)
            row, _ = Artifact.objects.get_or_create(team=team, sha256=sha256, defaults={"size": size})
            keep_file(again, name, size)
    return row


@contextmanager
def _second_name(path: Path) -> Iterator[Path]:
    """Another name of the file, which is still there when the storage has moved the first away."""
    name = path.with_name(f"{path.name}.again")
    name.unlink(missing_ok=True)
    name.hardlink_to(path)
    try:
        yield name
    finally:
        name.unlink(missing_ok=True)


def keep_file(path: Path, name: str, size: int) -> None:
    """Store the file under that name unless it is there with its size already. The storage may take the path away."""
    storage = artifact_storage()
    if storage.exists(name):
        if storage.size(name) == size:
            return
        storage.delete(name)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        saved = storage.save(name, _LocalFile(file, path))
    if saved != name:
        # Another process has stored the same content in between, so ours got another name.
        storage.delete(saved)
