"""Runners and tokens for programs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from teams.models import AccessToken
from tests.factories import Cast, make_runner
from tests.sweeps.api.caller import Caller
from tests.sweeps.talk import running_job

pytestmark = pytest.mark.django_db


def test_runners_of_the_team_and_nothing_of_others(cast: Cast) -> None:
    own, others = running_job(cast.team), running_job(cast.other)
    for talk, team in ((own, cast.team), (others, cast.other)):
        assert talk.job.runner is not None
        talk.job.runner.teams.set([team])
    shared, _ = make_runner("shared")
    vera = Caller(cast.vera, cast.team, "read")
    found = vera.get("runners/?fields=id,sweeps").json()["runners"]
    assert own.job.runner is not None
    assert {row["id"]: row["sweeps"] for row in found} == {
        own.job.runner.public_id: [own.sweep.public_id],
        shared.public_id: [],
    }
    one = vera.get(f"runners/{own.job.runner.public_id}/").json()
    assert (one["state"], one["cpu_count"], one["tasks"]) == ("online", 2, ["text-classification"])
    assert others.job.runner is not None
    assert vera.get(f"runners/{others.job.runner.public_id}/").status_code == 404
    # What another team's sweeps are called is not told on a machine that serves both.
    others.job.runner.teams.clear()
    [told] = [row for row in vera.get("runners/").json()["runners"] if row["id"] == others.job.runner.public_id]
    assert told["sweeps"] == []


def test_only_managers_with_a_token_for_it_let_a_runner_take_part_again(cast: Cast) -> None:
    runner, _ = make_runner("sick", state="quarantined", quarantine_reason="It broke.")
    path = f"runners/{runner.public_id}/release/"
    assert Caller(cast.alice, cast.team).post(path).json()["code"] == "scope"
    released = Caller(cast.alice, cast.team, "admin").post(path)
    assert (released.status_code, released.json()["state"]) == (200, "offline")


def test_tokens_are_made_told_once_and_revoked(cast: Cast) -> None:
    alice = Caller(cast.alice, cast.team, "admin")
    assert Caller(cast.alice, cast.team).get("tokens/").status_code == 403
    end = timezone.now() + timedelta(days=1)
    made = alice.post("tokens/", {"name": "ci", "scope": "read", "expires_at": end.isoformat()})
    assert made.status_code == 201
    text = made.json().pop("token")
    listed = alice.get("tokens/")
    assert text not in listed.content.decode()
    assert made.json()["id"] in [token["id"] for token in listed.json()["tokens"]]
    assert alice.post("tokens/", {"name": "x", "expires_at": "2020-01-01T00:00:00Z"}).json()["fields"].keys() == {
        "expires_at"
    }
    assert alice.delete(f"tokens/{made.json()['id']}/").status_code == 204
    assert AccessToken.objects.get(public_id=made.json()["id"]).revoked_at is not None
    bobs = Caller(cast.bob, cast.team)
    assert alice.delete(f"tokens/{AccessToken.objects.get(user=cast.bob).public_id}/").status_code == 404
    assert bobs.get("sweeps/").status_code == 200
