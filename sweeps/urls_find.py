"""Home and finding: beside the first page itself."""

from django.urls import path

from sweeps.views import home, search

app_name = "find"
urlpatterns = [
    path("seen/", home.seen, name="seen"),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
]
