"""URLs: accounts, pages, the API for people, the API for runners."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from hpweb.health import healthz
from sweeps.api.schema import SchemaView
from sweeps.views.home import home
from teams.views import LoginPage

admin.site.site_header = admin.site.site_title = "hpweb administration"

urlpatterns = [
    path("", home, name="home"),
    path("login/", LoginPage.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("teams/", include("teams.urls")),
    path("sweeps/", include("sweeps.urls")),
    path("library/", include("sweeps.urls_library")),
    path("compare/", include("sweeps.urls_compare")),
    path("runners/", include("runners.urls")),
    path("api/v1/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/v1/", include("sweeps.api.urls")),
    path("api/runner/v1/", include("sweeps.api.runner.urls")),
    path("wandb/", include("sweeps.wandb.urls")),
    path("sigopt/", include("sweeps.sigopt.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]
