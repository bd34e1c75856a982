"""Files for and from runners: artifacts, uploads, trained tokenizers."""

from django.http import HttpResponse, HttpResponseBase
from rest_framework.request import Request

from runners.protocol.runner import StoredFiles, UploadStart, UploadStatus
from sweeps.access import get_job, get_job_artifact, get_job_upload
from sweeps.api.ranges import artifact_response
from sweeps.api.runner.base import RunnerView, body_of, message_of, refusal, reply, runner_of
from sweeps.models import Upload
from sweeps.services.artifacts import ArtifactMissing
from sweeps.services.refusals import Refused
from sweeps.services.tokenizers import find_tokenizer, store_tokenizer
from sweeps.services.uploads import CHUNK_BYTES, MAX_CHUNK_BYTES, UploadError, append_chunk, start_upload

STATUS_OF = {"offset": 409, "too_large": 413, "invalid": 400, "hash": 400, "disk_full": 507, "quota": 507, "gone": 404}


class ArtifactView(RunnerView):
    """GET an artifact that a job of this runner names. `Range: bytes=N-` resumes."""

    def get(self, request: Request, sha256: str) -> HttpResponseBase:
        artifact = get_job_artifact(runner_of(request), sha256)
        try:
            return artifact_response(artifact, request.headers.get("Range", ""))
        except ArtifactMissing as error:
            return refusal(404, "not_found", str(error))


class UploadsView(RunnerView):
    """POST `UploadStart` → `UploadStatus`; the same job and hash again goes on where it stopped."""

    takes = {"POST": UploadStart}

    def post(self, request: Request) -> HttpResponse:
        wanted = message_of(request, UploadStart)
        job = get_job(runner_of(request), wanted.job)
        known = Upload.objects.filter(job=job, sha256=wanted.sha256, size=wanted.size, kind=wanted.kind).first()
        if known is not None:
            return reply(_told(known))
        try:
            upload = start_upload(
                team=job.sweep.team, job=job, kind=wanted.kind, sha256=wanted.sha256, size=wanted.size
            )
        except UploadError as error:
            return _refused(error)
        return reply(_told(upload), status=201)


class UploadView(RunnerView):
    """PUT `?offset=N` with raw bytes, GET → `UploadStatus`."""

    takes = {"PUT": b""}
    asks = {"offset": "Where the bytes begin."}

    def put(self, request: Request, upload: str) -> HttpResponse:
        found = get_job_upload(runner_of(request), upload)
        try:
            offset = int(request.query_params.get("offset", ""))
        except ValueError:
            raise Refused("offset: say at which byte the chunk begins, ?offset=N.") from None
        try:
            return reply(_told(append_chunk(upload=found, offset=offset, data=body_of(request, MAX_CHUNK_BYTES))))
        except UploadError as error:
            return _refused(error)

    def get(self, request: Request, upload: str) -> HttpResponse:
        return reply(_told(get_job_upload(runner_of(request), upload)))


class TokenizerView(RunnerView):
    """GET `?job=` → `StoredFiles`; PUT `StoredFiles` → those that count, which are the first writer's."""

    takes = {"PUT": StoredFiles}
    asks = {"job": "The job that asks."}

    def get(self, request: Request, key: str) -> HttpResponse:
        job = get_job(runner_of(request), request.query_params.get("job", ""))
        files = find_tokenizer(job=job, key=key)
        if files is None:
            answer = refusal(404, "not_found", "No tokenizer is stored under this key yet.")
            # An answer like any other, not worth a warning in the server's log.
            answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  Django's own mark
            return answer
        return reply(StoredFiles(job=job.public_id, files=files))

    def put(self, request: Request, key: str) -> HttpResponse:
        wanted = message_of(request, StoredFiles)
        job = get_job(runner_of(request), wanted.job)
        return reply(StoredFiles(job=job.public_id, files=store_tokenizer(job=job, key=key, files=wanted.files)))


def _told(upload: Upload) -> UploadStatus:
    return UploadStatus(
        id=upload.public_id,
        offset=upload.offset,
        size=upload.size,
        complete=upload.artifact_id is not None,
        chunk_size=CHUNK_BYTES,
    )


def _refused(error: UploadError) -> HttpResponse:
    return refusal(STATUS_OF[error.code], error.code, error.message)
