"""Files of the artifact store over HTTP, resumable by `Range`."""

import re

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from sweeps.models import Artifact
from sweeps.services.artifacts import open_artifact
from sweeps.services.streaming import FileBlocks


def artifact_response(artifact: Artifact, wanted: str = "") -> HttpResponseBase:
    """The artifact's bytes. `wanted`: a Range header; only `bytes=N-` and `bytes=N-M` are honoured, others give all."""
    match = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", wanted.strip())
    first = int(match[1]) if match else 0
    last = min(int(match[2]), artifact.size - 1) if match and match[2] else artifact.size - 1
    if match and (first >= artifact.size or last < first):
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{artifact.size}"
        return response
    stream = StreamingHttpResponse(
        FileBlocks(open_artifact(artifact), first, last - first + 1),
        content_type="application/octet-stream",
    )
    stream["Content-Length"] = str(last - first + 1)
    stream["Accept-Ranges"] = "bytes"
    stream["ETag"] = f'"{artifact.sha256}"'
    if match:
        stream.status_code = 206
        stream["Content-Range"] = f"bytes {first}-{last}/{artifact.size}"
    return stream
