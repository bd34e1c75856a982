"""Registering and steering runners by program."""

import pytest

from runners.models import Runner, hash_token
from tests.factories import Cast
from tests.sweeps.api.caller import Caller
from tests.sweeps.talk import online_runner, running_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(cast: Cast) -> Caller:
    return Caller(cast.alice, cast.team, "admin")


def test_a_runner_from_its_registration_to_its_end(cast: Cast, alice: Caller) -> None:
    made = alice.post("runners/", {"name": "box", "labels": ["lab"]})
    assert made.status_code == 201
    told, token = made.json()["runner"], made.json()["token"]
    assert (told["name"], told["labels"], told["state"]) == ("box", ["lab"], "offline")
    runner = Runner.objects.get(token_hash=hash_token(token))
    assert list(runner.teams.all()) == [cast.team]
    path = f"runners/{told['id']}/"
    assert alice.post("runners/", {"name": "box"}).json()["fields"] == {
        "name": ["A runner with this name exists: choose another name, or give that one a new token."]
    }
    assert alice.post(f"{path}edit/", {"labels": ["a b"]}).status_code == 400
    edited = alice.post(f"{path}edit/", {"labels": ["fast"], "slots_limit": 2}).json()
    assert (edited["labels"], edited["slots_limit"]) == (["fast"], 2)
    assert alice.post(f"{path}edit/", {"slots_limit": None}).json()["slots_limit"] is None
    drained = alice.post(f"{path}drain/", {"leave": "checkpoint"}).json()
    assert (drained["state"], drained["leave"]) == ("draining", "checkpoint")
    assert alice.post(f"{path}resume/").json()["state"] == "offline"
    assert alice.post(f"{path}pause/").json()["state"] == "paused"
    new = alice.post(f"{path}token/").json()["token"]
    assert [Runner.objects.filter(token_hash=hash_token(one)).count() for one in (token, new)] == [0, 1]
    assert alice.post(f"{path}revoke/").status_code == 200
    assert alice.delete(path).status_code == 204
    assert alice.get(path).status_code == 404


def test_who_may_not(cast: Cast, alice: Caller) -> None:
    shared, _ = online_runner()
    path = f"runners/{shared.public_id}/"
    assert alice.post(f"{path}pause/").status_code == 200
    assert alice.post(f"{path}token/").status_code == 403, "it serves other teams, too"
    assert alice.delete(path).status_code == 403
    assert alice.post("runners/", {"name": "x", "everybody": True}).status_code == 403
    assert Caller(cast.alice, cast.team).post(f"{path}resume/").status_code == 403, "the token only writes"
    bob = Caller(cast.bob, cast.team)
    assert bob.post(f"{path}pause/").status_code == 403
    assert bob.get(path).status_code == 200
    shared.teams.add(cast.other)
    assert alice.post(f"{path}resume/").status_code == 404


def test_several_at_once(cast: Cast, alice: Caller) -> None:
    one, two = online_runner()[0], online_runner(state="quarantined")[0]
    report = alice.post("runners/bulk/", {"verb": "pause", "ids": [one.public_id, two.public_id]}).json()
    assert report["done"] == [one.public_id]
    assert list(report["refused"]) == [two.public_id]


def test_jobs(cast: Cast, alice: Caller) -> None:
    talk = running_job(cast.team)
    assert alice.post(f"runners/jobs/{talk.job.public_id}/kill/").json()["state"] == "released"
    assert talk.fresh().state == "released"
    assert alice.post(f"runners/jobs/{talk.job.public_id}/kill/").status_code == 409
    theirs = running_job(cast.other)
    assert alice.post(f"runners/jobs/{theirs.job.public_id}/kill/").status_code == 404
