"""One error envelope for every API answer: `{"code", "message", "fields"}`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback


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
        return _answer(400, "invalid", _first(fields), fields)
    if isinstance(exc, Http404):
        code, message = "not_found", "There is no such thing here."
    elif isinstance(exc, PermissionDenied):
        code, message = "permission_denied", str(exc) or "You may not do that."
    else:
        code = str(getattr(exc, "default_code", "error"))
        message = str(getattr(exc, "detail", exc))
    response.data = {"code": code, "message": message, "fields": {}}
    return response


def _answer(status: int, code: str, message: str, fields: Any) -> Response:
    return Response({"code": code, "message": message, "fields": fields}, status=status)


def _first(fields: Any) -> str:
    for name, messages in fields.items():
        text = messages[0] if isinstance(messages, list) and messages else messages
        return f"{name}: {text}" if name else str(text)
    return "The request is not valid."
