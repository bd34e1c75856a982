"""The API for runners, below `/api/runner/v1/`. See `runners.protocol` for the messages."""

from django.urls import path, re_path

from sweeps.api.runner.files import ArtifactView, TokenizerView, UploadsView, UploadView
from sweeps.api.runner.jobs import ClaimView, EventsView, PermitsView
from sweeps.api.runner.presence import HeartbeatView, HelloView
from sweeps.api.runner.schema import RunnerSchemaView

app_name = "runner-api"
urlpatterns = [
    path("schema", RunnerSchemaView.as_view(), name="schema"),
    path("hello", HelloView.as_view(), name="hello"),
    path("heartbeat", HeartbeatView.as_view(), name="heartbeat"),
    path("jobs/<str:job>/claim", ClaimView.as_view(), name="claim"),
    path("jobs/<str:job>/permits", PermitsView.as_view(), name="permits"),
    path("jobs/<str:job>/events", EventsView.as_view(), name="events"),
    re_path(r"^artifacts/(?P<sha256>[0-9a-f]{64})$", ArtifactView.as_view(), name="artifact"),
    path("uploads", UploadsView.as_view(), name="uploads"),
    path("uploads/<str:upload>", UploadView.as_view(), name="upload"),
    re_path(r"^tokenizers/(?P<key>[0-9a-f]{64})$", TokenizerView.as_view(), name="tokenizer"),
]
