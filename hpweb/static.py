"""Static files: hashed names, compressed once at `collectstatic`, ES module imports rewritten to the hashed names."""

from typing import Any

import brotli
from django.http import HttpRequest, HttpResponse
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

BROTLI_QUALITY = 9
"""Brotli's best, 11, takes 25 times as long for a tenth fewer bytes, and the first start waits for it."""


class QuickCompressor(Compressor):  # type: ignore[misc]  # whitenoise's base resolves to Any
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=BROTLI_QUALITY))


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise's base resolves to Any
    support_js_module_import_aggregation = True

    def create_compressor(self, **options: object) -> Compressor:
        return QuickCompressor(**options)


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise's base resolves to Any
    """WhiteNoise, answering with whole files: an ASGI server would have to read its blocking stream in one go anyway."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        found = static_file.get_response(request.method, request.META)
        body = b""
        if found.file is not None:
            with found.file:
                body = found.file.read()
        response = HttpResponse(body, status=int(found.status))
        del response["Content-Type"]
        for name, value in found.headers:
            response[name] = value
        return response
