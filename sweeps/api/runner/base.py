"""What all endpoints for runners share: token, refusals, messages of the contract in and out."""

from typing import Any, TypeVar

from django.http import Http404, HttpResponse
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from runners.authentication import IsRunner, RunnerToken
from runners.models import Runner
from runners.protocol.job import Refusal
from sweeps.services.refusals import Gap, Refused, TooLarge

Shape = TypeVar("Shape", bound=BaseModel)


class RunnerView(APIView):
    """An endpoint for runners. A stranger's job is `not_found`, like one that does not exist."""

    authentication_classes = [RunnerToken]
    permission_classes = [IsRunner]

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, Refused):
            expected = exc.expected_seq if isinstance(exc, Gap) else None
            return refusal(exc.status, exc.code, exc.message, exc.fields, expected)
        if isinstance(exc, ValidationError):
            fields = shape_faults(exc)
            path, messages = next(iter(fields.items()))
            return refusal(400, "invalid", f"{path}: {messages[0]}", fields)
        if isinstance(exc, Http404):
            return refusal(404, "not_found", "There is no such thing for this runner.")
        if isinstance(exc, exceptions.APIException):
            response = refusal(exc.status_code, exc.default_code, str(exc.detail))
            if exc.status_code == 401:
                response["WWW-Authenticate"] = self.get_authenticate_header(self.request)
            return response
        return super().handle_exception(exc)


def runner_of(request: Request) -> Runner:
    """The runner whose token came with the request."""
    assert isinstance(request.auth, Runner)
    return request.auth


def body_of(request: Request, limit: int = 2**20) -> bytes:
    """The request's raw body, at most `limit` bytes; Refused with 413 above it, before it is read."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise Refused("Content-Length: a number of bytes is expected.") from None
    if length > limit:
        # Not read, so the connection can't be used again.
        raise TooLarge(f"The body may have {limit:,} bytes.")
    body: bytes = request._request.body  # noqa: SLF001  DRF's parsers are of no use for raw bytes
    if len(body) > limit:
        raise TooLarge(f"The body may have {limit:,} bytes.")
    return body


def message_of(request: Request, shape: type[Shape]) -> Shape:
    """The request's body as that message; ValidationError names what is wrong."""
    return shape.model_validate_json(body_of(request))


def reply(message: BaseModel, status: int = 200) -> HttpResponse:
    """A message of the contract as the answer."""
    return HttpResponse(message.model_dump_json(), content_type="application/json", status=status)


def refusal(
    status: int, code: str, message: str, fields: dict[str, list[str]] | None = None, expected_seq: int | None = None
) -> HttpResponse:
    """The contract's `Refusal` as the answer."""
    body = Refusal(code=code, message=message, fields=fields or {}, expected_seq=expected_seq)
    return reply(body, status)


def shape_faults(error: ValidationError) -> dict[str, list[str]]:
    """Path → sentences of a message that has not its shape."""
    faults: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False, include_input=False):
        path = ".".join(str(part) for part in fault["loc"]) or "body"
        faults.setdefault(path, []).append(fault["msg"])
    return faults
