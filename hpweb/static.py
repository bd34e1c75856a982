"""Static files: hashed names, compressed once at `collectstatic`, ES module imports rewritten to the hashed names."""

import brotli
from whitenoise.compress import Compressor
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
