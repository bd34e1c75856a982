"""Pages of the fleet."""

from django.urls import path

from runners import views, views_steering

app_name = "runners"
urlpatterns = [
    path("", views.runner_list, name="list"),
    path("new/", views_steering.create, name="create"),
    path("bulk/", views_steering.bulk, name="bulk"),
    path("<str:public_id>/", views_steering.detail, name="detail"),
    path("<str:public_id>/act/", views_steering.act, name="act"),
    path("<str:public_id>/edit/", views_steering.edit, name="edit"),
    path("<str:public_id>/teams/", views.serving, name="serving"),
    path("<str:public_id>/release/", views.take_part_again, name="release"),
]
