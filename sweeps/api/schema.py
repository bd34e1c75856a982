"""The API as OpenAPI, for people's programs."""

from drf_spectacular.views import SpectacularJSONAPIView


class SchemaView(SpectacularJSONAPIView):
    """GET: the description of every address below `/api/`, made from the URLs (see `described.py`)."""

    schema = None
