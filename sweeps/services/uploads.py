"""Files on their way in, chunk by chunk.

The offset in the database says how many bytes are safe; the bytes lie in a partial file beside it. A chunk must begin
at that offset, so a sender that lost an answer asks where to go on. A lock on a file beside it lets one writer in at a
time, whichever process it is in: the same chunk sent twice at once is written once. The lock isn't on the partial file,
as that one moves away to the store before the database knows.
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.utils import timezone

from runners.protocol.states import JobState
from sweeps.models import Artifact, Job, Upload
from sweeps.queries.usage import over_quota
from sweeps.services.artifacts import hash_file, remove_artifact, store_file, upload_dir
from teams.models import Team, User

CHUNK_BYTES = 4 * 2**20
"""The chunk size that senders are asked to use."""
MAX_CHUNK_BYTES = 8 * 2**20
PARTIAL_AGE = timedelta(hours=24)
"""A partial file that has not grown for so long is given up."""
FINISHED_AGE = timedelta(days=7)
"""How long a finished upload waits to be used."""

UploadCode = Literal["offset", "too_large", "invalid", "hash", "disk_full", "quota", "gone"]


class UploadError(Exception):
    """Why a chunk or an upload was refused. `offset`: where to go on, when the code is `offset` or `hash`."""

    def __init__(self, code: UploadCode, message: str, *, offset: int | None = None) -> None:
        super().__init__(message)
        self.code: UploadCode = code
        self.message = message
        self.offset = offset


def start_upload(
    *,
    team: Team,
    user: User | None = None,
    job: Job | None = None,
    kind: str,
    filename: str = "",
    sha256: str = "",
    size: int,
) -> Upload:
    """Begin an upload of `size` bytes. It is complete at once when it is empty or the team has the content already.

    UploadError: `too_large` above `settings.MAX_UPLOAD_BYTES`, `quota` where a person's file would pass the team's,
    `disk_full` when the disk can't take it, `invalid` for a hash that is none.
    """
    if size < 0:
        raise UploadError("invalid", "size: a file can't have fewer than 0 bytes.")
    if sha256 and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
        raise UploadError("invalid", "sha256: 64 hexadecimal digits in lower case are expected.")
    limit = int(settings.MAX_UPLOAD_BYTES)
    if size > limit:
        size = min(size, 2**63)
        raise UploadError(
            "too_large",
            f"The file has {-(-size // 2**20):,} MiB, and this server takes {limit // 2**20:,} MiB. "
            "Upload a smaller file, or ask your operator to raise HPWEB_MAX_UPLOAD_MB.",
        )
    upload = Upload(team=team, user=user, job=job, kind=kind, filename=_plain_name(filename), sha256=sha256, size=size)
    known = Artifact.objects.filter(team=team, sha256=sha256, size=size).first() if sha256 else None
    if known:
        upload.offset, upload.artifact = size, known
        upload.save()
        return upload
    if job is None and (full := over_quota(team, size)):
        # What a job has made is taken in any case: it has cost more than disk.
        raise UploadError("quota", full)
    _leave_room(size)
    upload.save()
    return append_chunk(upload=upload, offset=0, data=b"") if size == 0 else upload


def append_chunk(*, upload: Upload, offset: int, data: bytes) -> Upload:
    """Add `data` at `offset`, which must be where the upload stands, and finish the upload with its last byte.

    Empty data at the end finishes an upload whose last answer was lost. UploadError: `offset` (the error's `offset`
    says where to go on), `too_large` for a chunk above 8 MiB or beyond the announced size, `hash` when the whole is
    not what was announced (it starts again at 0), `disk_full`.
    """
    if len(data) > MAX_CHUNK_BYTES:
        raise UploadError("too_large", f"A chunk may have {MAX_CHUNK_BYTES // 2**20} MiB; send smaller ones.")
    path = partial_path(upload)
    with _locked(lock_path(upload)), _opened(path) as handle:
        try:
            upload.refresh_from_db()
        except Upload.DoesNotExist:
            path.unlink(missing_ok=True)
            raise UploadError("gone", "This upload was given up. Start a new one.") from None
        if upload.artifact_id is not None:
            path.unlink(missing_ok=True)
            if offset != upload.size or data:
                raise _wrong_offset(offset, upload.offset)
            return upload
        _forget_lost_bytes(upload, handle)
        if offset != upload.offset:
            raise _wrong_offset(offset, upload.offset)
        if offset + len(data) > upload.size:
            raise UploadError(
                "too_large",
                f"{offset + len(data):,} bytes came, but {upload.size:,} were announced. Start a new upload.",
            )
        if data:
            # Others may have taken what was free when this upload began.
            _leave_room(len(data))
            _write(handle, offset, data)
            upload.offset = offset + len(data)
            upload.save(update_fields=["offset"])
        if upload.offset == upload.size:
            _finish(upload, path)
    return upload


def discard_upload(*, upload: Upload) -> None:
    """Give an upload up: its partial file, its row, and what it has brought if nothing else names that."""
    for path in (partial_path(upload), table_path(upload), lock_path(upload)):
        path.unlink(missing_ok=True)
    artifact = upload.artifact
    upload.delete()
    if artifact:
        remove_artifact(artifact=artifact)


def stale_uploads(*, now: datetime) -> list[Upload]:
    """Partial uploads that stand still and finished ones that nobody has used. Those of a running job are in use."""
    old = Upload.objects.filter(created_at__lt=now - PARTIAL_AGE).exclude(job__state=JobState.RUNNING.value)
    return [
        upload
        for upload in old.select_related("artifact__team")
        if now - _last_change(upload) > (FINISHED_AGE if upload.artifact_id else PARTIAL_AGE)
    ]


def remove_stray_files(*, now: datetime) -> None:
    """Remove what a killed process has left in the folder of uploads: old, and no row names it."""
    oldest = (now - FINISHED_AGE).timestamp()
    for stray in upload_dir().iterdir():
        if stray.stat().st_mtime >= oldest:
            continue
        if stray.is_dir():
            shutil.rmtree(stray, ignore_errors=True)
        else:
            stray.unlink(missing_ok=True)


def partial_path(upload: Upload) -> Path:
    """Where the bytes so far lie."""
    return upload_dir() / f"{upload.public_id}.part"


def table_path(upload: Upload) -> Path:
    """Where the rows read from a finished upload lie, a cache."""
    return upload_dir() / f"{upload.public_id}.table"


def lock_path(upload: Upload) -> Path:
    """The file whose lock a writer holds."""
    return upload_dir() / f"{upload.public_id}.lock"


def _last_change(upload: Upload) -> datetime:
    try:
        seconds = partial_path(upload).stat().st_mtime
    except FileNotFoundError:
        return upload.created_at
    return datetime.fromtimestamp(seconds, tz=timezone.get_default_timezone())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock of `path`, and take the file away at the end: whoever waited for it takes a new one."""
    while True:
        with _opened(path) as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is_at(handle, path):
                continue
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _translated(error) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _write(handle: int, offset: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            written = os.pwrite(handle, view, offset)
            view = view[written:]
            offset += written
    except OSError as error:
        raise _translated(error) from error


def _forget_lost_bytes(upload: Upload, handle: int) -> None:
    """After a power cut the file may be shorter than the database believes; then the sender must go back."""
    there = os.fstat(handle).st_size
    if there < upload.offset:
        upload.offset = there
        upload.save(update_fields=["offset"])


def _finish(upload: Upload, path: Path) -> None:
    os.truncate(path, upload.size)
    found = hash_file(path)
    if upload.sha256 and found != upload.sha256:
        os.truncate(path, 0)
        upload.offset = 0
        upload.save(update_fields=["offset"])
        raise UploadError(
            "hash", f"The content's SHA-256 is {found}, not {upload.sha256} as announced. Send it again.", offset=0
        )
    try:
        upload.artifact = store_file(team=upload.team, path=path, move=True, sha256=found)
    except OSError as error:
        raise _translated(error) from error
    upload.save(update_fields=["artifact"])
    path.unlink(missing_ok=True)


def _leave_room(size: int) -> None:
    """UploadError unless so many bytes leave the rest of the server its reserve of the disk."""
    if shutil.disk_usage(upload_dir()).free < size + int(settings.RESERVE_BYTES):
        raise _disk_full()


def _translated(error: OSError) -> Exception:
    return _disk_full() if error.errno in {errno.ENOSPC, errno.EDQUOT} else error


def _disk_full() -> UploadError:
    return UploadError(
        "disk_full", "The server's disk is full. Ask your operator to make room; the upload goes on where it stopped."
    )


def _wrong_offset(offset: int, wanted: int) -> UploadError:
    return UploadError("offset", f"The chunk begins at byte {offset:,}; go on at byte {wanted:,}.", offset=wanted)


def _plain_name(filename: str) -> str:
    """A file name to show: the last part, without control characters, short enough for its column."""
    name = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in name if c.isprintable())[-255:]
