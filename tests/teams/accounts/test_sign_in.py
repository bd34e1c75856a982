"""Login and what belongs to it: second factor, sessions, forgotten passwords, limits, single sign-on."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from hpweb.environment import Environment
from hpweb.sign_in import RATE_LIMITS, cache_settings, email_settings, oidc_apps
from hpweb.templatetags.people import browser
from teams.models import User
from tests.factories import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def log_in(client: Client, email: str = "alice@example.org", password: str = PASSWORD) -> Any:
    return client.post("/login/", {"login": email, "password": password})


def test_a_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(client: Client, cast: Cast) -> None:
    log_in(client)
    asked = client.get("/account/2fa/totp/activate/")["Location"]
    assert asked.startswith("/account/reauthenticate/"), "who finds an open browser does not lock its owner out"
    client.post(asked, {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.findall(r'id="totp-key">(\w+)<', page)[0]
    assert 'src="data:image/svg+xml' in page
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/account/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/account/2fa/totp/activate/", {"code": code})["Location"] == "/account/2fa/recovery-codes/"
    kept = Authenticator.objects.get(type="totp").data
    assert secret not in str(kept), "the key is sealed"
    codes = re.findall(
        r"^(?:.*>)?([0-9a-f]{8}|\d{8})$", client.get("/account/2fa/recovery-codes/").content.decode(), re.MULTILINE
    )
    assert len(codes) == 10

    other = Client()
    assert log_in(other)["Location"] == "/account/2fa/authenticate/"
    assert other.get("/sweeps/")["Location"].startswith("/login/"), "half a login is none"
    assert other.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert other.post("/account/2fa/authenticate/", {"code": codes[0]})["Location"] == "/"
    assert other.get("/sweeps/").status_code == 200
    third = Client()
    log_in(third)
    assert third.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "each works once"
    assert third.get("/sweeps/").status_code == 302


def test_sessions_are_listed_and_ended(client: Client, cast: Cast) -> None:
    phone = Client(headers={"User-Agent": "Mozilla/5.0 (Android 14; Mobile) Firefox/140.0"})
    for one in (client, phone):
        log_in(one)
    page = client.get("/account/sessions/").content.decode()
    assert "Firefox on Android" in page
    session = UserSession.objects.get(user_agent__contains="Android")
    theirs = Client()
    theirs.force_login(cast.bob)
    assert theirs.post(f"/teams/sessions/{session.pk}/end/").status_code == 404
    assert phone.get("/sweeps/").status_code == 200
    client.post(f"/teams/sessions/{session.pk}/end/")
    assert phone.get("/sweeps/").status_code == 302
    log_in(phone)
    client.post("/account/sessions/")
    assert (phone.get("/sweeps/").status_code, client.get("/sweeps/").status_code) == (302, 200)


def test_a_forgotten_password(client: Client, cast: Cast) -> None:
    assert client.post("/account/password/reset/", {"email": "ALICE@example.org"})["Location"].endswith("/done/")
    (letter,) = mail.outbox
    assert (letter.to, letter.subject.startswith("[hpweb]")) == (["alice@example.org"], True)
    link = re.findall(r"http://testserver(/account/password/reset/key/\S+)", str(letter.body))[0]
    form = client.get(link)["Location"]
    new = "a quite different one"
    assert client.post(form, {"password1": new, "password2": new})["Location"].endswith("/key/done/")
    assert log_in(client).status_code == 200
    assert log_in(client, password=new)["Location"] == "/"
    assert b"too old or was used" in Client().get(link, follow=True).content


def test_an_unknown_address_is_not_told_from_a_known_one(client: Client, cast: Cast) -> None:
    answers = [
        client.post("/account/password/reset/", {"email": f"{name}@example.org"}) for name in ("alice", "nobody")
    ]
    assert [(one.status_code, one["Location"]) for one in answers] == [(302, "/account/password/reset/done/")] * 2


def test_passwords_cannot_be_guessed_one_after_another(client: Client, cast: Cast, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = RATE_LIMITS
    cache.clear()
    for _ in range(5):
        assert b"Too many" not in log_in(client, password="wrong").content
    assert b"Too many" in log_in(client).content, "the right one neither, for five minutes"
    assert b"Too many" not in log_in(client, "bob@example.org").content, "others are not locked out"
    codes = [log_in(client, f"user{n}@example.org", "wrong").status_code for n in range(30)]
    assert codes[-1] == 429
    cache.clear()


def test_the_administration_has_the_same_door(client: Client, cast: Cast) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/login/?next=%2Fadmin%2F"


def test_no_strangers_account_without_an_invitation(client: Client, cast: Cast, settings: LazySettings) -> None:
    form = {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/account/signup/", form)
    assert not User.objects.filter(email="x@example.org").exists()
    assert b"Make an account" not in client.get("/login/").content
    settings.SIGNUP = "open"
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert b"Make an account" in client.get("/login/").content
    assert client.post("/account/signup/", form)["Location"] == "/account/confirm-email/"
    assert client.get("/sweeps/").status_code == 302, "the address is not proven yet"
    link = re.findall(r"http://testserver(/account/confirm-email/\S+)", str(mail.outbox[-1].body))[0]
    client.post(link)
    assert log_in(client, "x@example.org")["Location"] == "/"
    assert log_in(Client())["Location"] == "/", "who was here before need not prove it"


def test_name_and_time_zone(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    assert client.post("/teams/profile/", {"name": "Robert", "time_zone": "Mars/Olympus"}).status_code == 422
    assert client.post("/teams/profile/", {"name": "Robert", "time_zone": "Europe/Vienna"}).status_code == 302
    cast.bob.refresh_from_db()
    assert (cast.bob.name, cast.bob.time_zone) == ("Robert", "Europe/Vienna")


PAGES = ["login/", "account/signup/", "account/password/reset/", "account/password/reset/done/", "account/inactive/"]
OWN = [
    "teams/profile/",
    "account/email/",
    "account/password/change/",
    "account/2fa/",
    "account/sessions/",
    "account/3rdparty/",
]
OWN += ["account/2fa/totp/activate/", "account/reauthenticate/", "account/logout/", "teams/", "teams/new/"]


@pytest.mark.parametrize("path", [*PAGES, *OWN])
def test_pages_keep_to_the_content_security_policy(client: Client, cast: Cast, path: str) -> None:
    if path in OWN:
        log_in(client)
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    answer = client.get(f"/{path}")
    page = answer.content.decode()
    assert (answer.status_code, "default-src 'self'" in answer["Content-Security-Policy"]) == (200, True)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert "tokens.css" in page, "it is one of ours"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail", 25, False, False),
        ("smtp+tls://u%40x:p%2F@mail", 587, True, False),
        ("smtps://u:p@mail:4465", 4465, False, True),
    ],
)
def test_email_by_one_address(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = email_settings(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail", port)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)
    if tls:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("u@x", "p/")
    assert email_settings("console://")["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_attempts_are_counted_where_all_servers_see_them() -> None:
    assert cache_settings("memory://")["BACKEND"].endswith("LocMemCache")
    assert cache_settings("redis://bus:6379/0")["LOCATION"] == "redis://bus:6379/0"


def test_single_sign_on_comes_from_the_environment(client: Client, cast: Cast, settings: LazySettings) -> None:
    assert oidc_apps(Environment()) == []
    environment = Environment(
        oidc_url="https://id.example.org/realms/t", oidc_client_id="hpweb", oidc_secret="s", oidc_name="Example login"
    )
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": oidc_apps(environment)}}
    page = client.get("/login/").content.decode()
    assert 'href="/account/oidc/sso/login/' in page
    assert "Example login" in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537", "Chrome on Linux"),
        ("python-httpx/0.28", "python-httpx"),
        ("", "Unknown program"),
    ],
)
def test_programs_in_words(agent: str, words: str) -> None:
    assert browser(agent) == words
