"""A person's own settings, and a team's."""

from django.urls import path

from teams import settings_views, views
from teams.accounts import views as account_views

app_name = "teams"
urlpatterns = [
    path("profile/", account_views.profile, name="profile"),
    path("sessions/<int:pk>/end/", account_views.end_session, name="session-end"),
    path("theme/", views.theme, name="theme"),
    path("tokens/", settings_views.tokens, name="tokens"),
    path("tokens/<str:public_id>/revoke/", settings_views.revoke_token, name="token-revoke"),
    path("connections/", settings_views.connections, name="connections"),
    path("connections/<str:name>/", settings_views.connections, name="connection"),
]
