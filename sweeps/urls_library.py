"""Pages of the team's library."""

from django.urls import URLPattern

app_name = "library"
# Data sets.
datasets: list[URLPattern] = []
# Models and search spaces.
parts: list[URLPattern] = []

urlpatterns = [*datasets, *parts]
