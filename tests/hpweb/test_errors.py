"""Whatever is refused below /api/ is refused in one shape, and too many requests are told to wait."""

import time
from typing import Any

import pytest
from django.test import Client

from sweeps.api.sweeps import SweepsView
from tests.factories import Cast

pytestmark = pytest.mark.django_db
ENVELOPE = {"code", "message", "fields"}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("get /api/v1/nothing/", "404 not_found"),
        ("get /api/v2/", "404 not_found"),
        ("get /api/v1/sweeps/nosuchthing1/", "404 not_found"),
        ("put /api/v1/sweeps/", "405 method_not_allowed"),
        ("post /api/v1/sweeps/", "400 invalid"),
    ],
)
def test_refusals_have_one_shape(client: Client, cast: Cast, asked: str, told: str) -> None:
    client.force_login(cast.bob)
    method, path = asked.split()
    answer = getattr(client, method)(path, content_type="application/json")
    assert f"{answer.status_code} {answer.json()['code']}" == told
    assert set(answer.json()) == ENVELOPE
    assert answer.json()["message"]


def test_bad_json_another_kind_and_a_missing_login(client: Client, cast: Cast) -> None:
    assert client.get("/api/v1/sweeps/").json()["message"].startswith("Log in")
    client.force_login(cast.bob)
    broken = client.post("/api/v1/sweeps/", "{", content_type="application/json")
    assert (broken.status_code, broken.json()["code"]) == (400, "parse_error")
    form = client.post("/api/v1/sweeps/", {"name": "x"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    host = client.get("/api/v1/sweeps/", headers={"host": "evil.example"})
    assert (host.status_code, host.json()["code"]) == (400, "bad_request")
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_a_mistake_of_the_server_is_told_in_the_same_shape(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret details")

    monkeypatch.setattr(SweepsView, "get", broken)
    client.raise_request_exception = False
    client.force_login(cast.bob)
    answer = client.get("/api/v1/sweeps/")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "secret" not in answer.content.decode()


def test_too_many_requests_wait(client: Client, cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.API_PER_MINUTE = 3
    now = 1_800_000_000.0 + 20
    monkeypatch.setattr(time, "time", lambda: now)
    client.force_login(cast.bob)
    assert [client.get("/api/v1/sweeps/").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get("/api/v1/sweeps/")
    assert refused["Retry-After"] == "40"
    assert refused.json() == {
        "code": "throttled",
        "message": "Too many requests. Go on in 40 seconds (Retry-After).",
        "fields": {},
    }
    client.force_login(cast.alice)
    assert client.get("/api/v1/sweeps/").status_code == 200
    client.force_login(cast.bob)
    now += 40
    assert client.get("/api/v1/sweeps/").status_code == 200
