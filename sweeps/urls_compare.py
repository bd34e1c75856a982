"""Pages of comparisons."""

from django.urls import path

from sweeps.views import compare

app_name = "compare"
urlpatterns = [
    path("", compare.compare, name="page"),
]
