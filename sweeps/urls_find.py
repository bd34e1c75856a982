"""Home and finding: beside the first page itself."""

from django.urls import path

from sweeps.views import home

app_name = "find"
urlpatterns = [
    path("seen/", home.seen, name="seen"),
]
