"""The API for runners as OpenAPI."""

from runners.authentication import IsRunner, RunnerToken
from sweeps.api.schema import SchemaView


class RunnerSchemaView(SchemaView):
    """GET: this description."""

    authentication_classes = [RunnerToken]
    permission_classes = [IsRunner]
    custom_settings = {"PREPROCESSING_HOOKS": ["sweeps.api.described.for_runners"]}
