"""One error envelope for every API answer of 400 or more: `{"code", "message", "fields"}`.

`code` is a word for programs, `message` a sentence for people, `fields` the sentences by field, "" for the whole.
"""

from typing import Any, Final, NamedTuple

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback


class Words(NamedTuple):
    """What a refusal is called, and said."""

    code: str
    message: str


BAD_REQUEST: Final = Words("bad_request", "The request is not one that can be read.")
FORBIDDEN: Final = Words("permission_denied", "You may not do that.")
NOT_FOUND: Final = Words("not_found", "There is no such thing here.")
BROKEN: Final = Words("error", "The server has made a mistake. It is in its log; try again later.")
_LOGIN: Final = "Log in, or send an access token: Authorization: Bearer hpt_…"


def error_envelope(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None lets an unexpected error become a 500, which is a bug and must be seen."""
    if isinstance(exc, DjangoValidationError):
        set_rollback()
        fields = getattr(exc, "message_dict", None) or {"": exc.messages}
        return _answer(400, "invalid", _first(fields), fields)
    response = exception_handler(exc, context)
    if response is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        fields = exc.detail if isinstance(exc.detail, dict) else {"": exc.detail}
        return _answer(exc.status_code, "invalid", _first(fields), fields)
    words = _words(exc, response.get("Retry-After", ""))
    response.data = {"code": words.code, "message": words.message, "fields": {}}
    return response


def _words(exc: Exception, after_s: str) -> Words:
    match exc:
        case Http404():
            return NOT_FOUND
        case PermissionDenied():
            return FORBIDDEN._replace(message=str(exc) or FORBIDDEN.message)
        case exceptions.NotAuthenticated():
            return Words(exc.default_code, _LOGIN)
        case exceptions.Throttled():
            return Words(exc.default_code, f"Too many requests. Go on in {after_s} seconds (Retry-After).")
        case _:
            found = getattr(exc, "detail", exc)
            return Words(str(getattr(found, "code", "") or getattr(exc, "default_code", "error")), str(found))


def _answer(status: int, code: str, message: str, fields: Any) -> Response:
    return Response({"code": code, "message": message, "fields": fields}, status=status)


def _first(fields: Any) -> str:
    for name, messages in fields.items():
        text = messages[0] if isinstance(messages, list) and messages else messages
        return f"{name}: {text}" if name else str(text)
    return "The request is not valid."
