"""Sending files into the server's artifact store, in chunks, resumed where they broke off."""

import asyncio
import logging
from pathlib import Path
from typing import Literal

from runners.process.artifacts import hash_file
from runners.process.backoff import Backoff
from runners.process.client import Refused, ServerClient, Unreachable
from runners.process.logs import pairs
from runners.protocol.events import ModelFile
from runners.protocol.runner import UploadStart, UploadStatus

logger = logging.getLogger(__name__)

_TRIES = 3


async def upload_folder(
    client: ServerClient, job: str, folder: Path, kind: Literal["model", "tokenizer"]
) -> tuple[ModelFile, ...]:
    """Upload every file below `folder`. Returns their names, hashes and sizes, sorted by name.

    Waits through outages. Raises `Refused`, ValidationError for a file name the contract does not know, OSError.
    """
    files = []
    for path in await asyncio.to_thread(_files, folder):
        sha256 = await asyncio.to_thread(hash_file, path)
        named = ModelFile(path=path.relative_to(folder).as_posix(), sha256=sha256, size=path.stat().st_size)
        await upload_file(client, UploadStart(job=job, sha256=sha256, size=named.size, kind=kind), path)
        files.append(named)
    return tuple(files)


async def upload_file(client: ServerClient, upload: UploadStart, path: Path) -> None:
    """Upload one file, or what the server lacks of it. Waits through outages. Raises `Refused`."""
    backoff, refusals = Backoff(), 0
    while True:
        try:
            state = await client.start_upload(upload)
            while not state.complete:
                state = await _send_chunk(client, state, path)
                backoff.reset()
            return
        except Unreachable as error:
            logger.warning("Sending a file broke off", extra=pairs(file=path.name, reason=error))
            await asyncio.sleep(backoff.next())
        except Refused:
            # A wrong hash or offset starts anew; a refusal that stays is one.
            refusals += 1
            if refusals >= _TRIES:
                raise


async def _send_chunk(client: ServerClient, state: UploadStatus, path: Path) -> UploadStatus:
    chunk = await asyncio.to_thread(_read, path, state.offset, state.chunk_size)
    return await client.put_chunk(state.id, state.offset, chunk)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
