"""The W&B-compatible endpoint. `WANDB_BASE_URL` is the server's address with `/wandb`."""

from django.urls import path, re_path

from sweeps.wandb import views

app_name = "wandb"
urlpatterns = [
    path("graphql", views.graphql, name="graphql"),
    path("files/<str:entity>/<str:project>/<str:run>/file_stream", views.file_stream, name="file-stream"),
    path("<str:entity>/<str:project>/sweeps/<str:name>", views.sweep_page, name="sweep"),
    path("<str:entity>/<str:project>/runs/<str:name>", views.sweep_page, name="run"),
    path("<str:entity>/<str:project>", views.project_page, name="project"),
    re_path(r"^(?P<rest>.*)$", views.nothing, name="nothing"),
]
