"""Files by their content hash: fetched once, resumed where they broke off, believed only when the hash is right."""

import asyncio
import contextlib
import hashlib
import logging
import os
from collections import defaultdict
from pathlib import Path

from runners.process.backoff import Backoff
from runners.process.client import Refused, ServerClient, Unreachable
from runners.process.durable import sync_folder
from runners.process.home_limit import touch
from runners.process.logs import pairs

logger = logging.getLogger(__name__)

_TRIES = 3
_BLOCK = 2**20


class NotIntact(Exception):
    """What the server sends under a hash has another one, again and again."""


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Artifacts:
    """The folder of artifacts, shared by all jobs of this runner. A file is verified once in a process's life."""

    def __init__(self, folder: Path, client: ServerClient) -> None:
        self._folder = folder
        self._client = client
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._verified: dict[str, tuple[int, int, int]] = {}

    async def get(self, sha256: str) -> Path:
        """The file, fetched if need be. Waits through outages. Raises `Refused`, `NotIntact`, OSError (disk)."""
        async with self._locks[sha256]:
            path = self._folder / sha256
            if await self._is_good(path, sha256):
                touch(path)
                return path
            backoff, wrong = Backoff(), 0
            while wrong < _TRIES:
                try:
                    if await self._fetch(path, sha256):
                        return path
                    wrong += 1
                except Unreachable as error:
                    logger.warning("Fetching a file broke off", extra=pairs(sha256=sha256, reason=error))
                    await asyncio.sleep(backoff.next())
            raise NotIntact(f"The file {sha256[:12]}… arrives damaged each time.")

    async def _is_good(self, path: Path, sha256: str) -> bool:
        mark = _mark(path)
        if mark is None:
            return False
        if self._verified.get(sha256) == mark:
            return True
        if await asyncio.to_thread(hash_file, path) == sha256:
            self._verified[sha256] = mark
            return True
        logger.warning("A file on disk is damaged and fetched again", extra=pairs(sha256=sha256))
        _remove(path)
        return False

    async def _fetch(self, path: Path, sha256: str) -> bool:
        """Fetch the rest of a file. False when all of it came and the hash is wrong; then nothing is kept."""
        part = path.with_name(f"{sha256}.part")
        offset = part.stat().st_size if part.exists() else 0
        try:
            async with self._client.artifact(sha256, offset) as (begin, chunks):
                with part.open("r+b" if begin else "wb") as file:
                    file.seek(begin)
                    async for chunk in chunks:
                        await asyncio.to_thread(file.write, chunk)
                    file.flush()
                    os.fsync(file.fileno())
        except Refused as refused:
            if refused.status != 416:
                raise
            # The part is as long as the whole: fall through to its hash.
        if await asyncio.to_thread(hash_file, part) != sha256:
            part.unlink()
            return False
        part.chmod(0o444)
        part.replace(path)
        with contextlib.suppress(OSError):
            sync_folder(path.parent)
        mark = _mark(path)
        if mark:
            self._verified[sha256] = mark
        return True


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is changed; None when it is not there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
