"""A person's own settings, and a team's."""

from django.urls import path

from teams import invitation_views, settings_views, team_views, views
from teams.accounts import views as account_views

app_name = "teams"
urlpatterns = [
    path("profile/", account_views.profile, name="profile"),
    path("sessions/<int:pk>/end/", account_views.end_session, name="session-end"),
    path("", team_views.team_list, name="list"),
    path("new/", team_views.create, name="create"),
    path("switch/", team_views.switch, name="switch"),
    path("theme/", views.theme, name="theme"),
    path("tokens/", settings_views.tokens, name="tokens"),
    path("tokens/<str:public_id>/revoke/", settings_views.revoke_token, name="token-revoke"),
    path("connections/", settings_views.connections, name="connections"),
    path("connections/<str:name>/", settings_views.connections, name="connection"),
    path("<str:public_id>/settings/", team_views.settings, name="settings"),
    path("<str:public_id>/members/", team_views.members, name="members"),
    path("<str:public_id>/members/<int:pk>/role/", team_views.role, name="role"),
    path("<str:public_id>/members/<int:pk>/remove/", team_views.remove, name="remove"),
    path("<str:public_id>/leave/", team_views.leave, name="leave"),
    path("<str:public_id>/invitations/", invitation_views.create, name="invite"),
    path("<str:public_id>/invitations/<str:invitation_id>/resend/", invitation_views.resend, name="invitation-resend"),
    path("<str:public_id>/invitations/<str:invitation_id>/revoke/", invitation_views.revoke, name="invitation-revoke"),
]
