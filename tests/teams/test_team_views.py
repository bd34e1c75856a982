"""Teams and their members, by the pages: who may do what, and that a team keeps an owner."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from sweeps.models import Sweep
from teams.members import LAST_OWNER
from teams.models import AccessToken, Invitation, Membership, Role, Team, User
from teams.tokens import make_token
from tests.factories import PASSWORD, Cast, make_sweep, make_user
from tests.sweeps.talk import queued_sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(cast: Cast) -> User:
    user = make_user("ada@example.org", name="Ada")
    Membership.objects.create(team=cast.team, user=user, role=Role.ADMIN)
    return user


def role_of(user: User, team: Team) -> str | None:
    return Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()


def member(user: User, team: Team) -> int:
    return Membership.objects.get(user=user, team=team).pk


def test_anybody_makes_a_team_and_owns_it(client: Client, cast: Cast) -> None:
    client.force_login(cast.vera)
    assert client.post("/teams/new/", {"name": " "}).status_code == 422
    answer = client.post("/teams/new/", {"name": "  Vera's   own "})
    team = Team.objects.get(name="Vera's own")
    assert (answer["Location"], role_of(cast.vera, team)) == (f"/teams/{team.public_id}/members/", "owner")
    assert b"Vera&#x27;s own" in client.get("/").content, "and is there now"


def test_the_current_team_is_remembered(client: Client, cast: Cast) -> None:
    Membership.objects.create(team=cast.other, user=cast.bob, role=Role.VIEWER)
    make_sweep(cast.team, name="ours")
    make_sweep(cast.other, name="theirs")
    client.force_login(cast.bob)
    assert b"ours" in client.get("/sweeps/").content
    page = client.get("/teams/").content.decode()
    assert "Strangers" in page
    switched = client.post("/teams/switch/", {"team": cast.other.public_id, "next": "/sweeps/"})
    assert switched["Location"] == "/sweeps/"
    assert b"theirs" in client.get("/sweeps/").content
    client.force_login(cast.alice)
    assert client.post("/teams/switch/", {"team": cast.other.public_id}).status_code == 404


@pytest.mark.parametrize(
    ("path", "codes"),
    [  # stranger, viewer, member, admin, owner
        ("members/", (404, 200, 200, 200, 200)),
        ("settings/", (404, 403, 403, 200, 200)),
        ("leave/", (404, 200, 200, 200, 200)),
        ("delete/", (404, 403, 403, 403, 200)),
    ],
)
def test_who_opens_what(client: Client, cast: Cast, admin: User, path: str, codes: tuple[int, ...]) -> None:
    for user, code in zip((cast.charlie, cast.vera, cast.bob, admin, cast.alice), codes, strict=True):
        client.force_login(user)
        assert client.get(f"/teams/{cast.team.public_id}/{path}").status_code == code, user


@pytest.mark.parametrize("who", ["vera", "bob"])
def test_viewers_and_members_change_nobody(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    root = f"/teams/{cast.team.public_id}"
    page = client.get(f"{root}/members/").content.decode()
    assert "Invite" not in page
    assert 'name="role"' not in page
    pk = member(cast.vera, cast.team)
    for path in (f"members/{pk}/role/", f"members/{pk}/remove/", "invitations/"):
        answer = client.post(f"{root}/{path}", {"role": "owner"})
        assert (answer.status_code, b"Only an owner or admin" in answer.content) == (403, True)
    assert role_of(cast.vera, cast.team) == "viewer"


def test_an_admin_makes_admins_but_touches_no_owner(client: Client, cast: Cast, admin: User) -> None:
    client.force_login(admin)
    root = f"/teams/{cast.team.public_id}/members"
    assert client.post(f"{root}/{member(cast.bob, cast.team)}/role/", {"role": "admin"}).status_code == 302
    assert role_of(cast.bob, cast.team) == "admin"
    assert client.post(f"{root}/{member(cast.bob, cast.team)}/role/", {"role": "owner"}).status_code == 403
    assert client.post(f"{root}/{member(cast.bob, cast.team)}/role/", {"role": "king"}).status_code == 400
    alice = member(cast.alice, cast.team)
    assert client.post(f"{root}/{alice}/role/", {"role": "viewer"}).status_code == 403
    assert client.post(f"{root}/{alice}/remove/").status_code == 403
    assert role_of(cast.alice, cast.team) == "owner"
    assert client.post(f"{root}/{member(cast.charlie, cast.other)}/remove/").status_code == 404


def test_the_last_owner_cannot_vanish(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    root, alice = f"/teams/{cast.team.public_id}", member(cast.alice, cast.team)
    for path, data in ((f"members/{alice}/role/", {"role": "admin"}), (f"members/{alice}/remove/", {}), ("leave/", {})):
        answer = client.post(f"{root}/{path}", data, follow=True)
        assert LAST_OWNER in answer.content.decode()
        assert role_of(cast.alice, cast.team) == "owner"
    client.post(f"{root}/members/{member(cast.bob, cast.team)}/role/", {"role": "owner"})
    client.post(f"{root}/leave/")
    assert (role_of(cast.alice, cast.team), role_of(cast.bob, cast.team)) == (None, "owner")


def test_who_is_removed_sees_nothing_and_the_tokens_end(client: Client, cast: Cast) -> None:
    sweep = make_sweep(cast.team)
    token, _ = make_token(user=cast.bob, team=cast.team, name="laptop")
    his = Client()
    his.force_login(cast.bob)
    assert his.get(f"/sweeps/{sweep.public_id}/").status_code == 200
    client.force_login(cast.alice)
    assert client.get(f"/teams/{cast.team.public_id}/members/{member(cast.bob, cast.team)}/remove/").status_code == 200
    client.post(f"/teams/{cast.team.public_id}/members/{member(cast.bob, cast.team)}/remove/")
    assert his.get(f"/sweeps/{sweep.public_id}/").status_code == 404
    assert AccessToken.objects.get(pk=token.pk).revoked_at is not None
    assert Sweep.objects.get().created_by == cast.bob, "what he made stays"


def invited(client: Client, cast: Cast, **data: str) -> str:
    """An invitation made on the page; its link."""
    client.force_login(cast.alice)
    form = {"email": "", "role": "member", "days": "7", **data}
    answer = client.post(f"/teams/{cast.team.public_id}/invitations/", form)
    text = answer.content.decode() if not data.get("email") else str(mail.outbox[-1].body)
    found = re.search(r"http://testserver(/join/\w{43}/)", text)
    assert found
    return found[1]


def test_a_link_is_good_for_one_person(client: Client, cast: Cast) -> None:
    link = invited(client, cast, role="viewer")
    token = link.split("/")[2]
    assert not Invitation.objects.filter(token_hash=token).exists(), "only its hash is kept"
    assert link not in client.get(f"/teams/{cast.team.public_id}/members/").content.decode(), "shown once"
    client.force_login(cast.charlie)
    assert b"Alice invites you to the team Polyglots as a viewer." in client.get(link).content
    assert client.post(link)["Location"] == "/"
    assert role_of(cast.charlie, cast.team) == "viewer"
    assert b"Polyglots" in client.get("/").content
    client.force_login(make_user())
    assert client.get(link).status_code == 404


def test_who_is_in_the_team_keeps_the_role_and_the_link(client: Client, cast: Cast) -> None:
    link = invited(client, cast, role="viewer")
    client.force_login(cast.bob)
    assert b"You are in it already, as member" in client.get(link).content
    client.post(link)
    assert (role_of(cast.bob, cast.team), Invitation.objects.get().is_open) == ("member", True)


def test_an_emailed_invitation_is_for_its_address(client: Client, cast: Cast) -> None:
    link = invited(client, cast, email="New@Example.org")
    assert (mail.outbox[0].to, "Polyglots" in mail.outbox[0].subject) == (["new@example.org"], True)
    client.force_login(cast.charlie)
    refused = client.post(link)
    assert (refused.status_code, b"for new@example.org" in refused.content) == (422, True)
    assert role_of(cast.charlie, cast.team) is None
    client.force_login(make_user("new@example.org"))
    client.post(link)
    assert Membership.objects.get(user__email="new@example.org").role == "member"


def test_sent_again_taken_back_too_old(client: Client, cast: Cast) -> None:
    first = invited(client, cast, email="new@example.org")
    invitation = Invitation.objects.get()
    root = f"/teams/{cast.team.public_id}/invitations/{invitation.public_id}"
    client.post(f"{root}/resend/")
    second = re.findall(r"/join/\w{43}/", str(mail.outbox[-1].body))[0]
    stranger = Client()
    assert (stranger.get(first).status_code, stranger.get(second).status_code) == (404, 200)
    Invitation.objects.update(expires_at=timezone.now())
    assert stranger.get(second).status_code == 404
    assert b"too old" in client.get(f"/teams/{cast.team.public_id}/members/").content
    client.post(f"{root}/resend/")
    third = re.findall(r"/join/\w{43}/", str(mail.outbox[-1].body))[0]
    assert stranger.get(third).status_code == 200
    client.post(f"{root}/revoke/")
    assert stranger.get(third).status_code == 404


def test_who_may_not_be_invited(client: Client, cast: Cast, admin: User) -> None:
    client.force_login(admin)
    path = f"/teams/{cast.team.public_id}/invitations/"
    known = client.post(path, {"email": "bob@example.org", "role": "member", "days": "7"})
    assert (known.status_code, b"is in the team already" in known.content) == (422, True)
    assert client.post(path, {"role": "owner", "days": "7"}).status_code == 422, "an admin makes no owner"
    assert client.post(path, {"role": "member", "days": "365"}).status_code == 422
    assert not Invitation.objects.exists()


def test_a_new_person_comes_in_by_invitation_only(client: Client, cast: Cast) -> None:
    link = invited(client, cast, email="new@example.org")
    stranger = Client()
    assert b"by invitation" in stranger.get("/account/signup/").content
    assert b"Make an account" in stranger.get(link).content
    page = stranger.get(f"/account/signup/?next={link}").content.decode()
    assert "Alice invites you" in page
    assert "new@example.org" in page, "the address is filled in"
    form = {"name": "Nina", "email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD, "next": link}
    answer = stranger.post("/account/signup/", form)
    assert (answer.status_code, answer["Location"]) == (302, link)
    nina = User.objects.get(email="new@example.org")
    assert nina.name == "Nina"
    assert EmailAddress.objects.get(user=nina).verified, "she has read the mail"
    stranger.post(link)
    assert role_of(nina, cast.team) == "member"
    assert b"by invitation" in Client().get("/account/signup/").content


def test_only_an_owner_deletes_the_team_by_its_name(client: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.alice)
    path = f"/teams/{cast.team.public_id}/delete/"
    assert b"1 sweep, 0 models" in client.get(path).content
    assert b"under way" in client.post(path, {"name": "Polyglots"}).content
    Sweep.objects.filter(pk=sweep.pk).update(state="complete")
    wrong = client.post(path, {"name": "Polyglot"})
    assert (wrong.status_code, Team.objects.count()) == (422, 2)
    assert client.post(path, {"name": "Polyglots"})["Location"] == "/teams/"
    assert [team.name for team in Team.objects.all()] == ["Strangers"]
    assert not Sweep.objects.exists()
    assert b"You are in no team" in client.get("/").content
    assert User.objects.filter(pk=cast.alice.pk).exists()


def test_renaming(client: Client, cast: Cast, admin: User) -> None:
    client.force_login(admin)
    path = f"/teams/{cast.team.public_id}/settings/"
    assert client.post(path, {"name": "x" * 101}).status_code == 422
    assert client.post(path, {"name": "Linguists"}).status_code == 302
    cast.team.refresh_from_db()
    assert cast.team.name == "Linguists"
