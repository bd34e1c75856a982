"""Access tokens and connections: made, shown once, revoked; kept, never shown."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from teams.connections import has_secret, keep_secret, secrets_of
from teams.models import AccessToken, Membership, Scope, Secret, Unreadable
from teams.tokens import find_token, make_token, still_valid
from tests.factories import Cast

pytestmark = pytest.mark.django_db
KEY = "a-key-of-forty-letters-and-more-0123456789"


def made_in(page: str) -> str:
    """The token that the page shows."""
    return page.partition('id="made" tabindex="0">')[2].partition("<")[0]


def test_a_token_is_shown_once_works_and_is_revoked(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    answer = client.post("/teams/tokens/", {"name": "laptop", "scope": "write", "days": "30"})
    text = made_in(answer.content.decode())
    assert len(text) == 52
    assert answer["Cache-Control"] == "no-store"
    found = find_token(text)
    assert found is not None
    assert (found.user, found.team, found.name) == (cast.bob, cast.team, "laptop")
    again = client.get("/teams/tokens/").content.decode()
    assert text not in again
    assert text[:8] in again
    assert "never" not in again.partition("Last used")[2].partition("</table>")[0]
    assert AccessToken.objects.get().token_hash != text
    client.post(f"/teams/tokens/{found.public_id}/revoke/")
    assert find_token(text) is None
    assert (
        "laptop" not in client.get("/teams/tokens/").content.decode().partition("New token")[0].partition("<table")[2]
    )


def test_nobody_else_revokes_it_and_a_viewer_makes_none_that_writes(client: Client, cast: Cast) -> None:
    token, text = make_token(user=cast.bob, team=cast.team, name="laptop")
    client.force_login(cast.alice)
    assert client.post(f"/teams/tokens/{token.public_id}/revoke/").status_code == 404
    assert find_token(text) is not None
    client.force_login(cast.vera)
    page = client.post("/teams/tokens/", {"name": "x", "scope": "write"}).content.decode()
    assert "Select a valid choice" in page
    assert AccessToken.objects.count() == 1
    text = made_in(client.post("/teams/tokens/", {"name": "x", "scope": "read", "days": ""}).content.decode())
    assert find_token(text) is None
    found = find_token(text, Scope.READ)
    assert found is not None
    assert (found.user, found.expires_at) == (cast.vera, None)


def test_a_token_ends_by_itself(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    text = made_in(client.post("/teams/tokens/", {"name": "x", "scope": "read", "days": "30"}).content.decode())
    found = find_token(text, Scope.READ)
    assert found is not None
    assert found.expires_at is not None
    assert timedelta(days=29, hours=23) < found.expires_at - timezone.now() < timedelta(days=30)
    AccessToken.objects.update(expires_at=timezone.now())
    assert find_token(text, Scope.READ) is None
    assert not still_valid(found)
    assert "has ended" in client.get("/teams/tokens/").content.decode()


def test_a_token_is_for_no_more_than_its_scope_and_its_users_role(cast: Cast) -> None:
    _, reads = make_token(user=cast.bob, team=cast.team, name="r", scope=Scope.READ)
    _, admin = make_token(user=cast.bob, team=cast.team, name="a", scope=Scope.ADMIN)
    assert find_token(reads) is None
    assert find_token(admin) is not None
    assert find_token(admin, Scope.ADMIN) is None
    Membership.objects.filter(user=cast.bob).update(role="admin")
    assert find_token(admin, Scope.ADMIN) is not None


def test_a_token_ends_with_its_users_right(cast: Cast) -> None:
    _, text = make_token(user=cast.bob, team=cast.team, name="laptop")
    assert find_token(text[:-1]) is None
    Membership.objects.filter(user=cast.bob).update(role="viewer")
    assert find_token(text) is None
    Membership.objects.filter(user=cast.bob).update(role="member")
    assert find_token(text) is not None
    cast.bob.is_active = False
    cast.bob.save()
    assert find_token(text) is None


def test_a_key_is_kept_encrypted_and_never_shown(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    data = {"WANDB_BASE_URL": "https://wandb.example.org", "WANDB_API_KEY": KEY}
    page = client.post("/teams/connections/wandb/", data, follow=True).content.decode()
    assert "Weights &amp; Biases: saved." in page
    assert KEY not in page
    assert "https://wandb.example.org" in page
    assert KEY not in Secret.objects.get(name="WANDB_API_KEY").sealed
    assert secrets_of(cast.team, "WANDB_API_KEY", "WANDB_BASE_URL") == data
    client.post("/teams/connections/wandb/", {"WANDB_BASE_URL": "", "WANDB_API_KEY": ""})
    assert secrets_of(cast.team, "WANDB_API_KEY", "WANDB_BASE_URL") == {"WANDB_API_KEY": KEY}
    client.post("/teams/connections/wandb/", {"forget": "1"})
    assert not has_secret(cast.team, "WANDB_API_KEY")
    assert secrets_of(cast.other, "WANDB_API_KEY") == {}


def test_members_look_and_only_managers_write(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    page = client.get("/teams/connections/").content.decode()
    assert "An owner or admin of the team may change them." in page
    assert client.post("/teams/connections/wandb/", {"WANDB_API_KEY": KEY}).status_code == 403
    client.force_login(cast.alice)
    assert client.post("/teams/connections/nothing/", {}).status_code == 404
    answer = client.post("/teams/connections/wandb/", {"WANDB_BASE_URL": "wandb.example.org"})
    assert answer.status_code == 400
    assert "An address that begins with https:// or http:// is needed." in answer.content.decode()
    assert not Secret.objects.exists()


def test_another_secret_key_says_what_to_do(cast: Cast, settings: pytest.FixtureRequest) -> None:
    keep_secret(team=cast.team, user=cast.alice, name="WANDB_API_KEY", value=KEY)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]  # pytest-django's fixture
    with pytest.raises(Unreadable, match="Enter it again"):
        secrets_of(cast.team, "WANDB_API_KEY")
