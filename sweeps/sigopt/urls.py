"""The SigOpt-compatible endpoint. `SIGOPT_API_URL` is the server's address with `/sigopt`."""

from django.urls import path, re_path

from sweeps.sigopt import api

app_name = "sigopt"
urlpatterns = [
    path("v1/tokens/self", api.token, name="token"),
    path("v1/clients/<str:client>/projects/<str:name>", api.project, name="project"),
    path("v1/clients/<str:client>/projects/<str:name>/aiexperiments", api.experiments, name="experiments"),
    path("v1/aiexperiments/<str:name>", api.experiment, name="experiment"),
    path("v1/aiexperiments/<str:name>/training_runs", api.training_runs, name="training-runs"),
    path("v1/aiexperiments/<str:name>/best_training_runs", api.best_training_runs, name="best-training-runs"),
    path("v1/training_runs/<str:name>", api.training_run, name="training-run"),
    re_path(r"^(?P<rest>.*)$", api.nothing, name="nothing"),
]
