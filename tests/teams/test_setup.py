"""The first start: the page that makes the first owner, and only then."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from hpweb.sign_in import RATE_LIMITS
from teams.models import Membership, User
from teams.setup import setup_code
from tests.factories import Cast

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Olga",
    "email": "Olga@example.org",
    "password": "correct horse battery",
    "again": "correct horse battery",
    "team": "First",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("path", ["/", "/login/", "/sweeps/", "/account/signup/", "/admin/"])
def test_every_page_leads_to_the_set_up(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == "/setup/"


def test_programs_get_the_answers_that_they_know(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/sweeps/").status_code == 401


def test_the_first_owner_is_made_and_logged_in(client: Client) -> None:
    answer = client.post("/setup/", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.name, user.is_superuser) == ("olga@example.org", "Olga", True)
    assert [(one.team.name, one.role) for one in Membership.objects.all()] == [("First", "owner")]
    assert b"First" in client.get("/").content


def test_who_comes_later_finds_the_login(client: Client, cast: Cast) -> None:
    assert client.get("/setup/")["Location"] == "/login/"
    assert client.post("/setup/", FORM)["Location"] == "/login/"
    assert not User.objects.filter(email="olga@example.org").exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("again", "another", "The two passwords differ."),
        ("password", "12345", "too short"),
        ("team", "", "required"),
        ("email", "x", "valid"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client: Client, field: str, value: str, said: str) -> None:
    answer = client.post("/setup/", FORM | {field: value})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not User.objects.exists()


@pytest.mark.parametrize("headers", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}])
def test_from_another_machine_it_takes_the_code(client: Client, headers: dict[str, str], tmp_path: Path) -> None:
    assert b'name="code"' in client.get("/setup/", **headers).content  # type: ignore[arg-type]  # WSGI variables
    code = setup_code()
    assert ((tmp_path / "setup-code").stat().st_mode & 0o777, len(code)) == (0o600, 14)
    refused = client.post("/setup/", FORM | {"code": "AAAA-AAAA-AAAA"}, **headers)  # type: ignore[arg-type]  # as above
    assert (refused.status_code, b"This is not the code." in refused.content) == (422, True)
    made = client.post("/setup/", FORM | {"code": code.lower().replace("-", " ")}, **headers)  # type: ignore[arg-type]  # as above
    assert (made.status_code, User.objects.count()) == (302, 1)


def test_a_public_server_asks_for_the_code_from_here_too(client: Client, settings: LazySettings) -> None:
    settings.OPEN_TO_OTHERS = True
    assert client.post("/setup/", FORM).status_code == 422
    assert not User.objects.exists()


def test_codes_cannot_be_tried_one_after_another(client: Client, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = RATE_LIMITS
    cache.clear()
    codes = [client.post("/setup/", FORM | {"password": "1"}).status_code for _ in range(12)]
    assert codes == [422] * 10 + [429] * 2
    cache.clear()
