"""Reading files for a response without blocking the event loop, and without holding a file in memory."""

from collections.abc import AsyncIterator, Iterator
from typing import IO, Final

from asgiref.sync import sync_to_async

BLOCK: Final = 2**20


class FileBlocks:
    """`count` bytes of an open file from `first`, in blocks. `close` closes the file, also when nothing was read."""

    def __init__(self, file: IO[bytes], first: int, count: int) -> None:
        self._file = file
        self._first = first
        self._count = count

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = sync_to_async(self._file.read, thread_sensitive=False)
        try:
            await sync_to_async(self._file.seek, thread_sensitive=False)(self._first)
            left = self._count
            while left > 0 and (block := await read(min(BLOCK, left))):
                left -= len(block)
                yield block
        finally:
            self._file.close()

    def close(self) -> None:
        self._file.close()


async def in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """What a blocking iterator gives, put together to blocks of a size that is worth a thread."""
    step = sync_to_async(_gather, thread_sensitive=False)
    while block := await step(chunks):
        yield block


def _gather(chunks: Iterator[bytes]) -> bytes:
    found: list[bytes] = []
    size = 0
    for chunk in chunks:
        found.append(chunk)
        size += len(chunk)
        if size >= BLOCK:
            break
    return b"".join(found)
