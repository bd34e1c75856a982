"""The API for people and their programs, below `/api/v1/`."""

from django.urls import URLPattern

app_name = "api"
# Sweeps.
sweeps: list[URLPattern] = []
# Uploads: sweeps/api/uploads.py.
uploads: list[URLPattern] = []

urlpatterns = [*sweeps, *uploads]
