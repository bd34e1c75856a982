"""Making a backup."""

import errno
import io
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import Storage
from django.utils import timezone

from sweeps.models import Artifact
from sweeps.services.artifacts import artifact_storage
from sweeps.services.backup.archive import SUFFIXES, Writer, writing
from sweeps.services.backup.database import engine, snapshot
from sweeps.services.backup.manifest import DATABASE_FILES, KEY_FILE, NAME, Manifest, key_check
from sweeps.services.backup.problems import Refused
from sweeps.services.collecting import hold_files

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def back_up(*, target: Path, force: bool = False) -> Manifest:
    """Write everything to a new file, readable by its owner only, while the server works. Refused with a sentence.

    The database comes first, then the files that it names: what is added meanwhile is in neither, and nothing that is
    named can be taken away. The file appears under its name when it is whole.
    """
    suffix = next((suffix for suffix in SUFFIXES if target.name.endswith(suffix)), None)
    if suffix is None:
        raise Refused(f"{target}: the name of a backup ends with {' or '.join(SUFFIXES)}.")
    if target.exists() and not force:
        raise Refused(f"{target} is there already. Choose another name, or replace it with --force.")
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with _sentences(target), hold_files(), tempfile.TemporaryDirectory(dir=_near(target)) as folder:
            with writing(beside, suffix) as archive:
                manifest = _write(archive, Path(folder))
            _flush(beside)
            beside.replace(target)
            _flush(target.parent)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def _write(archive: Writer, folder: Path) -> Manifest:
    storage = artifact_storage()
    inside = _has_paths(storage)
    with snapshot(folder) as taken, taken.path.open("rb") as file:
        archive.add(DATABASE_FILES[engine()], file, taken.path.stat().st_size)
    key = Path(settings.DATA_DIR) / KEY_FILE
    # A key of the environment is the operator's to keep.
    if key.exists() and key.read_text().strip() == settings.SECRET_KEY:
        data = key.read_bytes()
        archive.add(KEY_FILE, io.BytesIO(data), len(data))
    lost = [
        sha256
        for sha256, size in sorted(taken.artifacts.items())
        if not (_copy(archive, storage, sha256, size) if inside else _there(storage, sha256, size))
    ]
    manifest = Manifest(
        hpweb=settings.VERSION,
        made_at=timezone.now(),
        engine=engine(),
        migrations=taken.migrations,
        key_check=key_check(settings.SECRET_KEY),
        files=tuple(archive.files),
        artifacts=taken.artifacts,
        inside=inside,
        lost=tuple(lost),
    )
    archive.add_last(NAME, manifest.model_dump_json(indent=1).encode())
    return manifest


def _there(storage: Storage, sha256: str, size: int) -> bool:
    name = Artifact(sha256=sha256).storage_name
    return storage.exists(name) and storage.size(name) == size


def _copy(archive: Writer, storage: Storage, sha256: str, size: int) -> bool:
    """Whether the file was there, whole. One with another content is copied and told as lost."""
    if not _there(storage, sha256, size):
        return False
    name = Artifact(sha256=sha256).storage_name
    with storage.open(name, "rb") as file:
        return archive.add(f"artifacts/{name}", file, size).sha256 == sha256


def _has_paths(storage: Storage) -> bool:
    """Whether it is a folder: a bucket is kept by whoever keeps buckets."""
    try:
        storage.path("x")
    except NotImplementedError:
        return False
    return True


def _near(target: Path) -> Path:
    """Where the database is laid meanwhile: beside the backup, where there must be room for it anyway."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return target.parent


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _sentences(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Refused(f"The disk of {target.parent} is full. Make room, or choose another place.") from error
        raise Refused(f"{error.filename or target}: {error.strerror or error}.") from error
