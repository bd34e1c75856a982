"""Teams for programs: what their pages do, no more than the role, and only with a token that is for it."""

import pytest
from django.core import mail

from teams.invitations import accept, find_invitation
from teams.models import Membership, Team
from tests.factories import Cast, make_user
from tests.sweeps.api.caller import Caller

pytestmark = pytest.mark.django_db


def test_a_team_is_seen_renamed_and_deleted(cast: Cast) -> None:
    owner, path = Caller(cast.alice, cast.team, "admin"), f"teams/{cast.team.public_id}/"
    assert owner.get("teams/").json()["teams"] == [owner.get(path).json()]
    assert (owner.get(path).json()["role"], owner.get(path).json()["members"]) == ("owner", 3)
    assert owner.patch(path, {"name": "Others"}).json()["name"] == "Others"
    assert owner.patch(path, {"name": " "}).json()["fields"] == {"name": ["Give the team a name."]}
    made = owner.post("teams/", {"name": "New"}, idempotency_key="k").json()
    assert owner.post("teams/", {"name": "New"}, idempotency_key="k").json() == made
    # The token is for the other team.
    assert owner.get(f"teams/{made['id']}/").status_code == 404
    assert owner.delete(path, {"name": "Polyglots"}).json()["fields"].keys() == {"name"}
    assert owner.delete(path, {"name": "Others"}).status_code == 204
    assert [team.name for team in Team.objects.order_by("name")] == ["New", "Strangers"]


def test_members_change_as_roles_let_them(cast: Cast) -> None:
    path = f"teams/{cast.team.public_id}/members/"
    owner, bob = Caller(cast.alice, cast.team, "admin"), Caller(cast.bob, cast.team)
    assert [(one["email"], one["role"]) for one in bob.get(path).json()["members"]] == [
        ("alice@example.org", "owner"),
        ("bob@example.org", "member"),
        ("vera@example.org", "viewer"),
    ]
    assert bob.patch(f"{path}vera@example.org/", {"role": "member"}).json()["code"] == "scope"
    assert Caller(cast.alice, cast.team).patch(f"{path}vera@example.org/", {"role": "member"}).status_code == 403
    assert owner.patch(f"{path}vera@example.org/", {"role": "member"}).json()["role"] == "member"
    assert owner.patch(f"{path}vera@example.org/", {"role": "king"}).status_code == 400
    assert owner.patch(f"{path}charlie@example.org/", {"role": "member"}).status_code == 404
    last = owner.delete(f"{path}alice@example.org/")
    assert (last.status_code, last.json()["code"]) == (409, "not_now")
    assert owner.delete(f"{path}bob@example.org/").status_code == 204
    assert bob.get(path).status_code == 401
    assert Membership.objects.filter(team=cast.team).count() == 2


def test_people_are_invited_by_link_and_by_email(cast: Cast) -> None:
    path = f"teams/{cast.team.public_id}/invitations/"
    owner = Caller(cast.alice, cast.team, "admin")
    made = owner.post(path, {"role": "viewer", "days": 1})
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    link = made.json()["link"]
    invitation = find_invitation(link.rstrip("/").rpartition("/")[2])
    assert invitation is not None
    accept(invitation=invitation, user=make_user("new@example.org"))
    assert Membership.objects.get(user__email="new@example.org").role == "viewer"
    sent = owner.post(path, {"email": "far@example.org"}).json()
    assert (sent["link"], [letter.to for letter in mail.outbox]) == ("", [["far@example.org"]])
    assert [one["email"] for one in owner.get(path).json()["invitations"]] == ["far@example.org"]
    assert owner.post(path, {"email": "bob@example.org"}).json()["fields"].keys() == {"email"}
    assert owner.post(path, {"email": "nobody"}).json()["fields"].keys() == {"email"}
    assert owner.delete(f"{path}{sent['id']}/").status_code == 204
    assert owner.get(path).json()["invitations"] == []
    assert Caller(cast.bob, cast.team).get(path).status_code == 403
