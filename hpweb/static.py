"""Static files: hashed names, compressed once at `collectstatic`, ES module imports rewritten to the hashed names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise's base resolves to Any
    support_js_module_import_aggregation = True
