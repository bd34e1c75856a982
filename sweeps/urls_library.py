"""Pages of the team's library."""

from django.urls import URLPattern, path

from sweeps.views import models, spaces

app_name = "library"
# Data sets.
datasets: list[URLPattern] = []
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

urlpatterns = [*datasets, *parts]
