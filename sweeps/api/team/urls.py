"""Addresses of teams, below `/api/v1/`."""

from django.urls import path

from sweeps.api.team.invitations import InvitationsView, InvitationView
from sweeps.api.team.teams import MembersView, MemberView, TeamsView, TeamView

urlpatterns = [
    path("teams/", TeamsView.as_view(), name="team-list"),
    path("teams/<str:public_id>/", TeamView.as_view(), name="team-detail"),
    path("teams/<str:public_id>/members/", MembersView.as_view(), name="member-list"),
    path("teams/<str:public_id>/members/<str:email>/", MemberView.as_view(), name="member-detail"),
    path("teams/<str:public_id>/invitations/", InvitationsView.as_view(), name="invitation-list"),
    path("teams/<str:public_id>/invitations/<str:invitation>/", InvitationView.as_view(), name="invitation-detail"),
]
