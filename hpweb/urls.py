"""URLs: accounts, pages, the API for people, the API for runners."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import login, logout
from django.contrib import admin
from django.urls import include, path

from hpweb.health import healthz
from sweeps.api.schema import SchemaView
from sweeps.views.api_guide import api_guide
from sweeps.views.home import home
from sweeps.views.team_delete import team_delete
from teams.invitation_views import join
from teams.setup_views import setup

# The administration asks for the same login as the pages, with its rate limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth's manual says
admin.site.site_header = admin.site.site_title = "hpweb administration"

urlpatterns = [
    path("", home, name="home"),
    path("login/", login, name="login"),
    path("logout/", logout, name="logout"),
    path("account/", include("allauth.urls")),
    path("", include("sweeps.urls_documents")),
    path("", include("sweeps.urls_find")),
    path("teams/", include("teams.urls")),
    path("teams/<str:public_id>/delete/", team_delete, name="team-delete"),
    path("setup/", setup, name="setup"),
    path("join/<str:token>/", join, name="join"),
    path("sweeps/", include("sweeps.urls")),
    path("library/", include("sweeps.urls_library")),
    path("compare/", include("sweeps.urls_compare")),
    path("runners/", include("runners.urls")),
    path("api/", api_guide, name="api-guide"),
    path("api/v1/schema/", SchemaView.as_view(), name="api-schema"),
    path("api/v1/", include("sweeps.api.urls")),
    path("api/runner/v1/", include("sweeps.api.runner.urls")),
    path("wandb/", include("sweeps.wandb.urls")),
    path("sigopt/", include("sweeps.sigopt.urls")),
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
]

handler400 = "hpweb.errors.bad_request"
handler403 = "hpweb.errors.permission_denied"
handler404 = "hpweb.errors.page_not_found"
handler500 = "hpweb.errors.server_error"
