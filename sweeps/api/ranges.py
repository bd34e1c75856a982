"""Files of the artifact store over HTTP: streamed without blocking the event loop, resumable by `Range`."""

import re
from collections.abc import AsyncIterator
from typing import IO

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from sweeps.models import Artifact
from sweeps.services.artifacts import open_artifact

BLOCK = 2**20


def artifact_response(artifact: Artifact, wanted: str = "") -> HttpResponseBase:
    """The artifact's bytes. `wanted`: a Range header; only `bytes=N-` and `bytes=N-M` are honoured, others give all."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted.strip())
    first = int(match[1]) if match else 0
    last = min(int(match[2]), artifact.size - 1) if match and match[2] else artifact.size - 1
    if match and (first >= artifact.size or last < first):
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{artifact.size}"
        return response
    stream = StreamingHttpResponse(
        blocks(open_artifact(artifact).open("rb"), first, last - first + 1), content_type="application/octet-stream"
    )
    stream["Content-Length"] = str(last - first + 1)
    stream["Accept-Ranges"] = "bytes"
    stream["ETag"] = f'"{artifact.sha256}"'
    if match:
        stream.status_code = 206
        stream["Content-Range"] = f"bytes {first}-{last}/{artifact.size}"
    return stream


async def blocks(file: IO[bytes], first: int, count: int) -> AsyncIterator[bytes]:
    """`count` bytes of the file from `first`, in blocks. The file is closed at the end."""
    read = sync_to_async(file.read, thread_sensitive=False)
    try:
        await sync_to_async(file.seek, thread_sensitive=False)(first)
        while count > 0 and (block := await read(min(BLOCK, count))):
            count -= len(block)
            yield block
    finally:
        await sync_to_async(file.close, thread_sensitive=False)()
