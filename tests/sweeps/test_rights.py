"""Who gets in, by page and API: each door, each person."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Sweep
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import queued_sweep

pytestmark = pytest.mark.django_db

LOOKS = [
    "/sweeps/{id}/",
    "/api/v1/sweeps/{id}/",
    "/api/v1/sweeps/{id}/frame/",
    "/api/v1/sweeps/{id}/snapshot/",
    "/api/v1/sweeps/{id}/trials/",
]
VERBS = [f"{root}{{id}}/{verb}/" for root in ("/sweeps/", "/api/v1/sweeps/") for verb in ("start", "stop", "cancel")]
VERBS += [f"/api/v1/sweeps/{{id}}/{verb}/" for verb in ("pause", "amend", "archive")]
VERBS.append("/sweeps/{id}/clone/")
PLAIN = ["/", "/sweeps/", "/runners/", "/api/v1/sweeps/", "/library/models/", "/admin/"]


@pytest.mark.parametrize("path", [*LOOKS, *VERBS, *PLAIN, "/sweeps/{id}/model/"])
def test_nobody_gets_in_without_a_login(client: Client, cast: Cast, path: str) -> None:
    sweep = queued_sweep(cast.team)
    for method in (client.get, client.post):
        answer = method(path.format(id=sweep.public_id))
        if path.startswith("/api/"):
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        else:
            assert answer.status_code == 302
            assert "/login/?next=" in answer["Location"]


@pytest.mark.parametrize("path", [*LOOKS, *VERBS, "/sweeps/{id}/model/"])
def test_for_a_stranger_it_does_not_exist(client: Client, cast: Cast, path: str) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.charlie)
    method = client.post if path in VERBS else client.get
    for public_id in (sweep.public_id, "AAAAAAAAAAAA", "x", "../admin"):
        answer = method(path.format(id=public_id))
        assert answer.status_code == 404
        if path.startswith("/api/"):
            assert answer.json() == {"code": "not_found", "message": "There is no such thing here.", "fields": {}}
    sweep.refresh_from_db()
    assert (sweep.state, sweep.wanted) == ("queued", "run")


@pytest.mark.parametrize("path", VERBS)
def test_a_viewer_looks_and_changes_nothing(client: Client, cast: Cast, path: str) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.vera)
    answer = client.post(path.format(id=sweep.public_id))
    assert answer.status_code == 403
    if path.startswith("/api/"):
        assert answer.json()["code"] == "permission_denied"
    sweep.refresh_from_db()
    assert (sweep.state, sweep.wanted, Sweep.objects.count()) == ("queued", "run", 1)


@pytest.mark.parametrize("path", LOOKS)
@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_the_team_looks(client: Client, cast: Cast, path: str, name: str) -> None:
    client.force_login(getattr(cast, name))
    assert client.get(path.format(id=queued_sweep(cast.team).public_id)).status_code == 200


@pytest.mark.parametrize("path", VERBS)
def test_a_look_never_changes_anything(client: Client, cast: Cast, path: str) -> None:
    sweep = queued_sweep(cast.team)
    client.force_login(cast.alice)
    assert client.get(path.format(id=sweep.public_id)).status_code == 405
    sweep.refresh_from_db()
    assert sweep.state == "queued"


def test_a_post_from_another_site_is_refused(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    sweep = queued_sweep(cast.team)
    for path in ("/sweeps/{}/cancel/", "/api/v1/sweeps/{}/cancel/"):
        assert client.post(path.format(sweep.public_id)).status_code == 403
    sweep.refresh_from_db()
    assert sweep.state == "queued"


def test_lists_hold_the_own_teams_only(client: Client, cast: Cast) -> None:
    make_sweep(cast.team, name="ours")
    make_sweep(cast.other, name="theirs")
    client.force_login(cast.bob)
    assert [sweep["name"] for sweep in client.get("/api/v1/sweeps/").json()["sweeps"]] == ["ours"]
    page = client.get("/sweeps/").content.decode()
    assert "ours" in page
    assert "theirs" not in page


def test_a_user_without_a_team_is_told_so(client: Client, cast: Cast) -> None:
    cast.bob.memberships.all().delete()
    client.force_login(cast.bob)
    assert b"You are in no team" in client.get("/").content
    assert b"Search spaces" not in client.get("/").content, "what leads to a refusal is not offered"
    answer = client.get("/sweeps/")
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "patch"])
def test_an_unknown_address_of_the_api_answers_in_json(client: Client, cast: Cast, method: str) -> None:
    client.force_login(cast.bob)
    answer: Any = getattr(client, method)("/api/v1/nowhere/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_health_needs_no_login(client: Client, db: None) -> None:
    assert client.get("/healthz").json() == {"ok": True}
