"""Addresses of the library, below `/api/v1/`."""

from django.urls import path

from sweeps.api.library.datasets import (
    DatasetsView,
    DatasetVersionsView,
    DatasetView,
    UploadColumnsView,
    VersionFileView,
    VersionView,
)
from sweeps.api.library.models import ModelsView, ModelView
from sweeps.api.library.spaces import SpaceCopyView, SpacesView, SpaceView

urlpatterns = [
    path("models/", ModelsView.as_view(), name="model-list"),
    path("models/<str:public_id>/", ModelView.as_view(), name="model-detail"),
    path("spaces/", SpacesView.as_view(), name="space-list"),
    path("spaces/<str:public_id>/", SpaceView.as_view(), name="space-detail"),
    path("spaces/<str:public_id>/copy/", SpaceCopyView.as_view(), name="space-copy"),
    path("datasets/", DatasetsView.as_view(), name="dataset-list"),
    path("datasets/<str:public_id>/", DatasetView.as_view(), name="dataset-detail"),
    path("datasets/<str:public_id>/versions/", DatasetVersionsView.as_view(), name="dataset-versions"),
    path("versions/<str:public_id>/", VersionView.as_view(), name="version-detail"),
    path("versions/<str:public_id>/<str:split>.parquet", VersionFileView.as_view(), name="version-file"),
    path("uploads/<str:public_id>/columns/", UploadColumnsView.as_view(), name="upload-columns"),
]
