"""Sweeps, search spaces and models as YAML, and a sweep's files: pages and API. From the root, before the API's answer for what is lost."""

from django.urls import path

from sweeps.api.documents import DocumentsView, ModelYamlView, SpaceYamlView, SweepYamlView
from sweeps.api.files import ModelFileView, TrialsFileView
from sweeps.api.me import MeView
from sweeps.views import documents

app_name = "documents"
urlpatterns = [
    path("import/", documents.make, name="import"),
    path("sweeps/<str:public_id>/yaml/", documents.sweep, name="sweep"),
    path("library/spaces/<str:public_id>/yaml/", documents.space, name="space"),
    path("library/models/<str:public_id>/yaml/", documents.model, name="model"),
    path("api/v1/me/", MeView.as_view(), name="api-me"),
    path("api/v1/documents/", DocumentsView.as_view(), name="api"),
    path("api/v1/sweeps/<str:public_id>/yaml/", SweepYamlView.as_view(), name="api-sweep"),
    path("api/v1/sweeps/<str:public_id>/model/", ModelFileView.as_view(), name="api-model-file"),
    path("api/v1/sweeps/<str:public_id>/trials/file.<str:form>", TrialsFileView.as_view(), name="api-trials-file"),
    path("api/v1/spaces/<str:public_id>/yaml/", SpaceYamlView.as_view(), name="api-space"),
    path("api/v1/models/<str:public_id>/yaml/", ModelYamlView.as_view(), name="api-model"),
]
