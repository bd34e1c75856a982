"""Pages of the team's library."""

from django.urls import URLPattern, path

from sweeps.views import dataset_create, dataset_map, dataset_pages, models, spaces, storage

app_name = "library"
# Data sets.
datasets: list[URLPattern] = [
    path("datasets/", dataset_pages.dataset_list, name="dataset-list"),
    path("datasets/new/", dataset_create.dataset_create, name="dataset-create"),
    path("datasets/new/package/<str:key>/", dataset_create.dataset_package, name="dataset-package"),
    path("datasets/new/hub/", dataset_create.dataset_hub, name="dataset-hub"),
    path("datasets/map/<str:public_id>/", dataset_map.dataset_map, name="dataset-map"),
    path("datasets/<str:public_id>/", dataset_pages.dataset_detail, name="dataset-detail"),
    path("datasets/<str:public_id>/edit/", dataset_pages.dataset_edit, name="dataset-edit"),
    path("datasets/<str:public_id>/delete/", dataset_pages.dataset_delete, name="dataset-delete"),
    path("versions/<str:public_id>/", dataset_pages.version_detail, name="dataset-version"),
]
# Models and search spaces.
parts: list[URLPattern] = [
    path("models/", models.model_list, name="model-list"),
    path("models/new/", models.model_create, name="model-create"),
    path("models/<str:public_id>/", models.model_detail, name="model-detail"),
    path("models/<str:public_id>/edit/", models.model_edit, name="model-edit"),
    path("models/<str:public_id>/delete/", models.model_delete, name="model-delete"),
    path("spaces/", spaces.space_list, name="space-list"),
    path("spaces/new/", spaces.space_create, name="space-create"),
    path("spaces/check/", spaces.space_check, name="space-check"),
    path("spaces/<str:public_id>/", spaces.space_detail, name="space-detail"),
    path("spaces/<str:public_id>/edit/", spaces.space_edit, name="space-edit"),
    path("spaces/<str:public_id>/copy/", spaces.space_copy, name="space-copy"),
    path("spaces/<str:public_id>/delete/", spaces.space_delete, name="space-delete"),
]

urlpatterns = [*datasets, *parts, path("storage/", storage.storage, name="storage")]
