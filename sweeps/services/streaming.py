"""Reading files for a response without blocking the event loop, and without holding a file in memory."""

from collections.abc import AsyncIterator, Iterator
from typing import IO, Final

from asgiref.sync import sync_to_async

BLOCK: Final = 2**20


async def read_blocks(file: IO[bytes], first: int, count: int) -> AsyncIterator[bytes]:
    """`count` bytes of the file from `first`, in blocks. The file is closed at the end."""
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        await sync_to_async(file.seek, thread_sensitive=False)(first)
        while count > 0 and (block := await read(min(BLOCK, count))):
            count -= len(block)
            yield block
    finally:
        await sync_to_async(file.close, thread_sensitive=False)()


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
