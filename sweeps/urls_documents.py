"""Sweeps, search spaces and models as YAML: pages and API. From the root, before the API's answer for what is lost."""

from django.urls import path

from sweeps.api.documents import DocumentsView, ModelYamlView, SpaceYamlView, SweepYamlView
from sweeps.views import documents

app_name = "documents"
urlpatterns = [
    path("import/", documents.make, name="import"),
    path("sweeps/<str:public_id>/yaml/", documents.sweep, name="sweep"),
    path("library/spaces/<str:public_id>/yaml/", documents.space, name="space"),
    path("library/models/<str:public_id>/yaml/", documents.model, name="model"),
    path("api/v1/documents/", DocumentsView.as_view(), name="api"),
    path("api/v1/sweeps/<str:public_id>/yaml/", SweepYamlView.as_view(), name="api-sweep"),
    path("api/v1/spaces/<str:public_id>/yaml/", SpaceYamlView.as_view(), name="api-space"),
    path("api/v1/models/<str:public_id>/yaml/", ModelYamlView.as_view(), name="api-model"),
]
