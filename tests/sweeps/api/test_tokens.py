"""Access tokens with the API: one team, no more than their scope, no CSRF token."""

from typing import Any

import pytest
from django.test import Client

from teams.models import AccessToken, Membership, Scope
from teams.tokens import make_token, revoke
from tests.factories import Cast, make_sweep

pytestmark = pytest.mark.django_db


class Program:
    """A program with a token and no cookies; CSRF is checked."""

    def __init__(self, text: str) -> None:
        self._client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {text}"})

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1/{path}")

    def post(self, path: str, **body: Any) -> Any:
        return self._client.post(f"/api/v1/{path}", body, content_type="application/json")


def made(cast: Cast, scope: str = Scope.WRITE) -> tuple[AccessToken, Program]:
    token, text = make_token(user=cast.bob, team=cast.team, name="x", scope=scope)
    return token, Program(text)


def test_a_program_reads_and_writes_in_the_tokens_team_only(cast: Cast) -> None:
    Membership.objects.create(user=cast.bob, team=cast.other, role="owner")
    own, others = make_sweep(cast.team, name="own"), make_sweep(cast.other, name="others")
    token, program = made(cast)
    assert [sweep["name"] for sweep in program.get("sweeps/").json()["sweeps"]] == ["own"]
    assert program.get(f"sweeps/{own.public_id}/").status_code == 200
    assert program.get(f"sweeps/{others.public_id}/").status_code == 404
    assert program.post(f"sweeps/{others.public_id}/archive/").status_code == 404
    answer = program.post("sweeps/", name="made")
    assert (answer.status_code, answer.json()["name"]) == (201, "made")
    assert program.post("uploads/", filename="a.csv", size=3).status_code == 201
    revoke(token)
    refused = program.get("sweeps/")
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_token")
    assert refused["WWW-Authenticate"] == 'Bearer realm="hpweb"'


def test_a_token_that_reads_changes_nothing(cast: Cast) -> None:
    sweep = make_sweep(cast.team)
    _, program = made(cast, Scope.READ)
    assert program.get(f"sweeps/{sweep.public_id}/").status_code == 200
    for path in ("sweeps/", f"sweeps/{sweep.public_id}/archive/", "uploads/"):
        refused = program.post(path, name="x")
        assert (refused.status_code, refused.json()["code"]) == (403, "scope")
        assert "for read, and this needs write" in refused.json()["message"]


def test_nobody_and_a_wrong_token_are_told_how_to_come_in(client: Client, cast: Cast) -> None:
    nobody = client.get("/api/v1/sweeps/")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_authenticated")
    wrong = Program("hpt_" + "x" * 48).get("sweeps/")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_token")


def test_each_token_has_its_own_bound(cast: Cast, settings: Any) -> None:
    settings.API_TOKEN_PER_MINUTE = 1
    (_, one), (_, other) = made(cast), made(cast)
    assert [one.get("sweeps/").status_code, one.get("sweeps/").status_code] == [200, 429]
    assert other.get("sweeps/").status_code == 200
