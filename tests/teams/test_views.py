"""Login, logout, theme."""

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.factories import PASSWORD, Cast

pytestmark = pytest.mark.django_db


def test_login_by_email_whatever_its_case(client: Client, cast: Cast) -> None:
    answer = client.post("/login/", {"login": "ALICE@example.org", "password": PASSWORD, "next": "/runners/"})
    assert (answer.status_code, answer["Location"]) == (302, "/runners/")
    assert client.get("/login/")["Location"] == "/"
    assert client.post("/logout/")["Location"] == "/login/"
    assert client.get("/runners/").status_code == 302


def test_a_wrong_password_says_nothing_about_who_exists(client: Client, cast: Cast) -> None:
    pages = [
        client.post("/login/", {"login": email, "password": "wrong"}).content.decode()
        for email in ("alice@example.org", "nobody@example.org")
    ]
    errors = [page[page.index('role="alert"') :][:300].replace("nobody", "alice") for page in pages]
    assert errors[0] == errors[1]


def test_login_leads_nowhere_else(client: Client, cast: Cast) -> None:
    data = {"login": "alice@example.org", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post("/login/", data)["Location"] == "/"


def test_the_demos_login_is_shown_in_the_demo_only(client: Client, cast: Cast, settings: LazySettings) -> None:
    assert b"demo@hpweb.example" not in client.get("/login/").content
    settings.DEMO = True
    assert b"demo@hpweb.example" in client.get("/login/").content


@pytest.mark.parametrize(
    ("target", "back"), [("/sweeps/", "/sweeps/"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("", "/")]
)
def test_the_theme_is_kept(client: Client, cast: Cast, target: str, back: str) -> None:
    client.force_login(cast.vera)
    answer = client.post("/teams/theme/", {"theme": "dark", "next": target})
    assert (answer.status_code, answer["Location"]) == (302, back)
    cast.vera.refresh_from_db()
    assert cast.vera.theme == "dark"
    assert client.post("/teams/theme/", {"theme": "pink"}).status_code == 400
    script = client.post("/teams/theme/", {"theme": "light"}, headers={"Accept": "application/json"})
    assert script.status_code == 204
    assert client.get("/teams/theme/").status_code == 405
