"""Refusals that come from Django and not from a view: a page for people, the envelope of `hpweb.api` below `/api/`."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults

from hpweb.api import BAD_REQUEST, BROKEN, FORBIDDEN, NOT_FOUND, Words


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, 400, BAD_REQUEST) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, 403, FORBIDDEN) or defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, 404, NOT_FOUND) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _json(request, 500, BROKEN) or defaults.server_error(request)


def _json(request: HttpRequest, code: int, words: Words) -> HttpResponse | None:
    """None for a page."""
    # The address as it is, since it may be what is wrong.
    if not request.path_info.startswith("/api/"):
        return None
    body: dict[str, Any] = {"code": words.code, "message": words.message, "fields": {}}
    return JsonResponse(body, status=code)
