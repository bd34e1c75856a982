"""Single sign-on against a real issuer on this machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from hpweb.environment import Environment
from hpweb.sign_in import oidc_apps
from teams.models import User
from tests.factories import Cast
from tests.teams.accounts.issuer import Issuer

pytestmark = pytest.mark.django_db
BEGIN, BACK = "/account/oidc/sso/login/", "/account/oidc/sso/login/callback/"


@pytest.fixture
def issuer(settings: LazySettings) -> Iterator[Issuer]:
    with Issuer("a secret") as issuer:
        environment = Environment(oidc_url=issuer.url, oidc_client_id="hpweb", oidc_secret=issuer.secret)
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"APPS": oidc_apps(environment), "OAUTH_PKCE_ENABLED": True}
        }
        yield issuer


def come_back(client: Client, issuer: Issuer, **person: Any) -> Any:
    issuer.person = {"sub": "17", **person}
    assert client.get(BEGIN).status_code == 200, "a page asks first: no other site logs anybody in"
    return client.get(BACK, issuer.authorize(client.post(BEGIN)["Location"]))


def test_a_proven_address_opens_its_account(client: Client, cast: Cast, issuer: Issuer) -> None:
    assert come_back(client, issuer, email="Alice@example.org", email_verified=True)["Location"] == "/"
    assert b"alice@example.org" in client.get("/").content
    assert cast.alice.socialaccount_set.count() == 1  # type: ignore[attr-defined]  # allauth has no types


def test_an_address_that_is_not_proven_opens_nothing(client: Client, cast: Cast, issuer: Issuer) -> None:
    come_back(client, issuer, email="alice@example.org", email_verified=False)
    assert client.get("/sweeps/").status_code == 302
    assert not cast.alice.socialaccount_set.exists()  # type: ignore[attr-defined]  # as above


def test_who_is_new_needs_an_invitation_unless_the_server_says_else(
    client: Client, cast: Cast, issuer: Issuer, settings: LazySettings
) -> None:
    nina = {"email": "nina@example.org", "email_verified": True, "name": "Nina New"}
    assert b"by invitation" in come_back(client, issuer, **nina).content
    assert not User.objects.filter(email="nina@example.org").exists()
    settings.OIDC_SIGNUP = True
    assert come_back(client, issuer, **nina)["Location"] == "/"
    made = User.objects.get(email="nina@example.org")
    assert (made.name, made.has_usable_password(), made.memberships.exists()) == ("Nina New", False, False)


def test_what_somebody_else_began_is_refused(client: Client, cast: Cast, issuer: Issuer) -> None:
    issuer.person = {"sub": "17", "email": "alice@example.org", "email_verified": True}
    brought = issuer.authorize(Client().post(BEGIN)["Location"])
    assert b"single sign-on failed" in client.get(BACK, brought).content
    assert client.get("/sweeps/").status_code == 302
