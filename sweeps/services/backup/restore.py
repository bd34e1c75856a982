"""Putting a backup back: first everything is checked, then everything is put in its place."""

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.files.storage import Storage
from django.core.management import call_command

from sweeps.models import Artifact
from sweeps.queries.audit import Finding, audit
from sweeps.queries.audit.artifacts import stored_names
from sweeps.services.artifacts import artifact_storage, keep_file
from sweeps.services.backup import database
from sweeps.services.backup.archive import BLOCK, Hashed, reading
from sweeps.services.backup.manifest import DATABASE_FILES, KEY_FILE, NAME, Manifest, key_check, read_manifest
from sweeps.services.backup.problems import Refused
from sweeps.services.collecting import hold_files

MEMBER: Final = re.compile(r"database\.(sqlite3|pgdump)|secret-key|manifest\.json|artifacts/[0-9a-f]{2}/[0-9a-f]{64}")
LOCKS: Final = ("up.lock", "periodic.lock")
"""Held by a server of this data folder."""


@dataclass(frozen=True)
class Restored:
    """`findings`: of the audit afterwards. `other_key`: secrets of connections can't be read with this server's key."""

    manifest: Manifest
    findings: list[Finding]
    other_key: bool


def restore(*, source: Path, force: bool = False) -> Restored:
    """Make the backup this server's database and files. Refused before anything is changed; see `check`.

    `force`: also where there is something already, which is lost then.
    """
    _idle()
    if not force and (database.has_rows() or next(iter(stored_names(artifact_storage())), None)):
        raise Refused(
            "This server's database or artifact store is not empty. Restore into an empty place "
            "(HPWEB_DATA, HPWEB_DATABASE_URL, HPWEB_ARTIFACTS_URL), or lose what is there with --force."
        )
    with _checked(source) as (manifest, folder), hold_files():
        storage = artifact_storage()
        if manifest.inside:
            for sha256, size in manifest.artifacts.items():
                if sha256 not in manifest.lost:
                    _put(storage, folder, sha256, size)
        other_key = _put_key(folder, manifest)
        database.load(folder / DATABASE_FILES[manifest.engine])
    call_command("migrate", interactive=False, verbosity=0)
    return Restored(manifest, audit(hashes=False), other_key)


def check(*, source: Path) -> Manifest:
    """Read the whole backup and change nothing. Refused: damaged, of a later version, or of another kind of database."""
    with _checked(source) as (manifest, _):
        return manifest


@contextmanager
def _checked(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and a folder, gone afterwards, that has the archive's files."""
    if not source.is_file():
        raise Refused(f"{source} is not there.")
    with tempfile.TemporaryDirectory(prefix="restore-", dir=settings.DATA_DIR) as name:
        folder = Path(name)
        try:
            manifest, found = _unpack(source, folder)
        except OSError as error:
            raise Refused(f"{error.filename or source}: {error.strerror or error}.") from error
        _compare(manifest, found)
        if manifest.engine != database.engine():
            raise Refused(
                f"The backup is of a {manifest.engine} database, and HPWEB_DATABASE_URL names a {database.engine()} one. "
                "Restore it into one of its own kind."
            )
        later = set(manifest.migrations) - database.known_migrations()
        if later:
            raise Refused(
                f"The backup was made by hpweb {manifest.hpweb}, which is later than this one ({min(later)} is not known "
                "here). Update hpweb here, then restore."
            )
        database.check_database(folder / DATABASE_FILES[manifest.engine])
        if not manifest.inside:
            _bucket(manifest)
        yield manifest, folder


def _unpack(source: Path, folder: Path) -> tuple[Manifest, dict[str, tuple[int, str]]]:
    """The manifest, and name → bytes and hash of what lies in the folder now."""
    found: dict[str, tuple[int, str]] = {}
    with reading(source) as members:
        for name, file in members:
            if not MEMBER.fullmatch(name) or name in found:
                raise Refused(f"The archive holds {name!r}, which no backup has, or has once. Take another one.")
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            hashed = Hashed(file)
            with path.open("wb") as copy:
                while block := hashed.read(BLOCK):
                    copy.write(block)
            found[name] = hashed.size, hashed.sha256
    if NAME not in found:
        raise Refused(f"{source.name} was cut short: its manifest, which comes last, is missing. Take another backup.")
    del found[NAME]
    return read_manifest((folder / NAME).read_bytes()), found


def _compare(manifest: Manifest, found: dict[str, tuple[int, str]]) -> None:
    told = {file.name: (file.size, file.sha256) for file in manifest.files}
    for name in sorted(told.keys() | found.keys()):
        if told.get(name) != found.get(name):
            raise Refused(f"{name} is not in the archive as its manifest says. Take another backup.")
    if DATABASE_FILES[manifest.engine] not in found:
        raise Refused("The archive holds no database. Take another backup.")
    for sha256 in manifest.artifacts:
        member = found.get(f"artifacts/{Artifact(sha256=sha256).storage_name}")
        if manifest.inside and sha256 not in manifest.lost and (member is None or member[1] != sha256):
            raise Refused(
                f"The archive does not hold the artifact {sha256[:12]}, which it should. Take another backup."
            )


def _bucket(manifest: Manifest) -> None:
    """Refused unless the bucket that this server uses has every file."""
    storage = artifact_storage()
    missing = 0
    for sha256, size in manifest.artifacts.items():
        name = Artifact(sha256=sha256).storage_name
        if sha256 not in manifest.lost and not (storage.exists(name) and storage.size(name) == size):
            missing += 1
    if missing:
        raise Refused(
            f"The backup's {len(manifest.artifacts)} artifacts are in a bucket, and HPWEB_ARTIFACTS_URL has not {missing} of "
            "them. Bring the bucket back first, or name the right one."
        )


def _put(storage: Storage, folder: Path, sha256: str, size: int) -> None:
    name = Artifact(sha256=sha256).storage_name
    if storage.exists(name):
        # What lies there was not checked.
        storage.delete(name)
    keep_file(folder / "artifacts" / name, name, size)


def _put_key(folder: Path, manifest: Manifest) -> bool:
    """Put the key beside the database, where the server's own comes from there. Whether it has another key now."""
    mine, theirs = Path(settings.DATA_DIR) / KEY_FILE, folder / KEY_FILE
    from_file = mine.exists() and mine.read_text().strip() == settings.SECRET_KEY
    if theirs.exists() and from_file:
        theirs.chmod(0o600)
        theirs.replace(mine)
        return False
    return key_check(settings.SECRET_KEY) != manifest.key_check


def _idle() -> None:
    """Refused while a server works here."""
    for name in LOCKS:
        handle = os.open(Path(settings.DATA_DIR) / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"A server works with {settings.DATA_DIR}. Stop it first.") from None
        finally:
            os.close(handle)
    count = database.others()
    if count:
        raise Refused(f"{count} other connections use the database. Stop the servers and workers first.")
