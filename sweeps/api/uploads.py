"""Files from people and their programs, in resumable chunks. Session login, CSRF token for what changes things."""

from typing import TYPE_CHECKING, Any, Final, cast

from pydantic import BaseModel
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from sweeps.access import get_upload, writing_team
from sweeps.api.shared.once import creates
from sweeps.models import Upload
from sweeps.services.uploads import (
    CHUNK_BYTES,
    MAX_CHUNK_BYTES,
    UploadError,
    append_chunk,
    discard_upload,
    start_upload,
)

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

KIND: Final = "dataset"
STATUS_OF: Final = {
    "offset": 409,
    "too_large": 413,
    "invalid": 400,
    "hash": 409,
    "disk_full": 507,
    "quota": 507,
    "gone": 404,
}


class Announced(BaseModel):
    """For the API's description; `_announced` reads it."""

    filename: str
    size: int
    sha256: str = ""


class ShownUpload(TypedDict):
    """`offset`: so many bytes are safe; go on there, `chunk_size` bytes at a time, until `complete`."""

    id: str
    offset: int
    size: int
    chunk_size: int
    complete: bool


class UploadsView(APIView):
    """POST: announce a file, with its SHA-256 if it is known. Then send it in chunks."""

    takes = {"POST": Announced}
    gives = {"POST": ShownUpload}

    @creates
    def post(self, request: Request) -> Response:
        asked = cast("TeamRequest", request._request)  # noqa: SLF001  the one that the middleware has seen
        team = writing_team(asked.membership)
        filename, size, sha256 = _announced(request.data)
        try:
            upload = start_upload(team=team, user=asked.user, kind=KIND, filename=filename, sha256=sha256, size=size)
        except UploadError as error:
            return refused(error)
        return Response(told(upload), status=201)


class UploadView(APIView):
    """GET: how far it is. PUT: the next chunk, as raw bytes. DELETE: give it up."""

    takes = {"PUT": b""}
    gives = {"GET": ShownUpload, "PUT": ShownUpload}
    asks = {"PUT": {"offset": "At which byte the chunk begins."}}

    def get(self, request: Request, public_id: str) -> Response:
        return Response(told(get_upload(request.user, public_id)))

    def put(self, request: Request, public_id: str) -> Response:
        upload = get_upload(request.user, public_id)
        text = request.query_params.get("offset", "")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise exceptions.ValidationError({"offset": ["Say at which byte the chunk begins, ?offset=N."]})
        try:
            return Response(told(append_chunk(upload=upload, offset=int(text), data=_body(request))))
        except UploadError as error:
            return refused(error)

    def delete(self, request: Request, public_id: str) -> Response:
        discard_upload(upload=get_upload(request.user, public_id))
        return Response(status=204)


def told(upload: Upload) -> ShownUpload:
    """What a sender must know."""
    return {
        "id": upload.public_id,
        "offset": upload.offset,
        "size": upload.size,
        "chunk_size": CHUNK_BYTES,
        "complete": upload.artifact_id is not None,
    }


def _announced(body: object) -> tuple[str, int, str]:
    """File name, size and hash as the sender says; ValidationError names what is missing."""
    told = body if isinstance(body, dict) else {}
    filename, size, sha256 = told.get("filename"), told.get("size"), told.get("sha256", "")
    wrong: dict[str, list[str]] = {}
    if not isinstance(filename, str):
        wrong["filename"] = ["Give the file's name."]
    if not isinstance(size, int) or isinstance(size, bool):
        wrong["size"] = ["Give the file's size in bytes."]
    if not isinstance(sha256, str):
        wrong["sha256"] = ["Give 64 hexadecimal digits, or leave it out."]
    if wrong:
        raise exceptions.ValidationError(cast("dict[str, Any]", wrong))
    return cast("str", filename), cast("int", size), cast("str", sha256)


def _body(request: Request) -> bytes:
    """The raw body. UploadError above a chunk's size, before it is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MAX_CHUNK_BYTES:
        raise UploadError("too_large", f"A chunk may have {MAX_CHUNK_BYTES // 2**20} MiB; send smaller ones.")
    body: bytes = request._request.body  # noqa: SLF001  DRF's parsers are of no use for raw bytes
    return body


def refused(error: UploadError) -> Response:
    """The error envelope; `offset` says where to go on."""
    body: dict[str, Any] = {"code": error.code, "message": error.message, "fields": {}}
    if error.offset is not None:
        body["offset"] = error.offset
    return Response(body, status=STATUS_OF[error.code])
