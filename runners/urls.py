"""Pages of the fleet."""

from django.urls import path

from runners import views

app_name = "runners"
urlpatterns = [
    path("", views.runner_list, name="list"),
    path("<str:public_id>/teams/", views.serving, name="serving"),
    path("<str:public_id>/release/", views.take_part_again, name="release"),
]
