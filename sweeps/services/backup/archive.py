"""A tar archive, compressed by zstd or gzip, written and read as a stream."""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Final, Protocol

import zstandard

from sweeps.services.backup.manifest import StoredFile
from sweeps.services.backup.problems import Refused

BLOCK: Final = 2**20
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
GZIP_MAGIC: Final = b"\x1f\x8b"
SUFFIXES: Final = (".tar.zst", ".tar.gz")
DAMAGED: Final = (tarfile.TarError, zstandard.ZstdError, zlib.error, gzip.BadGzipFile, EOFError)


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Hashed:
    """A file that is read once, from its beginning; knows what has been read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """Members as they are added."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: list[StoredFile] = []

    def add(self, name: str, file: Readable, size: int) -> StoredFile:
        """Add `size` bytes of the file. OSError when it has fewer."""
        hashed: Any = Hashed(file)
        self._tar.addfile(_member(name, size), hashed)
        stored = StoredFile(name=name, size=size, sha256=hashed.sha256)
        self.files.append(stored)
        return stored

    def add_last(self, name: str, data: bytes) -> None:
        """Add what tells of the others."""
        self._tar.addfile(_member(name, len(data)), io.BytesIO(data))


def _member(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


@contextmanager
def writing(path: Path, suffix: str) -> Iterator[Writer]:
    """Write a new archive, of the kind that the suffix names."""
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("xb"))
        path.chmod(0o600)
        if suffix == ".tar.gz":
            packed: Any = stack.enter_context(gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0))
        else:
            packed = stack.enter_context(zstandard.ZstdCompressor(level=3).stream_writer(raw, closefd=False))
        with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield Writer(tar)


@contextmanager
def reading(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Names and contents, one after another: each is to be read before the next. Refused for a damaged archive."""
    with ExitStack() as stack:
        raw = stack.enter_context(path.open("rb"))
        head = raw.read(4)
        raw.seek(0)
        if head == ZSTD_MAGIC:
            packed: Any = stack.enter_context(zstandard.ZstdDecompressor().stream_reader(raw, closefd=False))
        elif head.startswith(GZIP_MAGIC):
            packed = stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb"))
        else:
            raise Refused(f"{path.name} is no backup: a {' or '.join(SUFFIXES)} that `backup` has made is expected.")
        try:
            tar = stack.enter_context(tarfile.open(fileobj=packed, mode="r|"))
            yield _members(tar)
        except DAMAGED as error:
            raise Refused(f"{path.name} is damaged or was cut short ({error}). Take another backup.") from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for info in tar:
        file = tar.extractfile(info) if info.isreg() else None
        if file is None:
            raise Refused(f"The archive holds {info.name!r}, which no backup has. Take another one.")
        yield info.name, file
