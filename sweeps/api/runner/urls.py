"""The API for runners, below `/api/runner/v1/`."""

from django.urls import URLPattern

app_name = "runner-api"
urlpatterns: list[URLPattern] = []
