"""Compressing answers that are text. Files keep their length, so that a download can be resumed."""

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

BINARY: Final = ("application/octet-stream", "application/zip", "image/")


class TextGZipMiddleware(GZipMiddleware):
    """Django's, but for content that is compressed already or asked for by its bytes."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.get("Content-Type", "").startswith(BINARY):
            return response
        return super().process_response(request, response)
