"""The verbs over HTTP: the same services as the pages', errors that name the field."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Sweep, SweepAct, Trial
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import queued_sweep, running_job

pytestmark = pytest.mark.django_db


class Api:
    """Bob's program."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        act = getattr(self.client, method)
        answer = act(
            f"/api/v1/sweeps/{path}",
            **({} if method == "get" else {"content_type": "application/json", "data": body or {}}),
        )
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def api(client: Client, cast: Cast) -> Api:
    client.force_login(cast.bob)
    return Api(client)


def test_a_sweep_is_paused_resumed_and_amended(api: Api, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    at = sweep.public_id
    assert api("post", f"{at}/pause/", {"checkpoint": True})[1]["sweep"]["state"] == "paused"
    assert api("post", f"{at}/resume/")[1]["sweep"]["state"] == "queued"
    code, found = api("post", f"{at}/amend/", {"n_trials": 2, "parameters": {"learning_rate": {"high": 0.1}}})
    assert (code, found["sweep"]["n_trials"]) == (200, 2)
    sweep.refresh_from_db()
    assert (sweep.space_version, (sweep.spec or {})["space"]["parameters"][0]["high"]) == (2, 0.1)
    assert api("post", f"{at}/extend/", {"n_trials": 1})[0] == 409
    code, refused = api("post", f"{at}/amend/", {"parameters": {"learning_rate": {"low": 1.0}}})
    assert (code, list(refused["fields"])) == (400, ["parameters.learning_rate"])
    code, refused = api("post", f"{at}/extend/", {"n_trials": "many", "more": 1})
    assert (code, sorted(refused["fields"])) == (400, ["more", "n_trials"])
    says = [(act["who"], act["says"]) for act in api("get", f"{at}/timeline/")[1]["acts"]]
    assert says == [
        ("Bob", "Pause: running trials leave at a checkpoint"),
        ("", "Paused: no runner is held any more"),
        ("Bob", "Goes on"),
        ("Bob", "Number of trials from 4 to 2"),
        ("Bob", "Space, version 2: learning_rate from 1e-05 … 0.01 to 1e-05 … 0.1"),
    ]


def test_trials_are_made_changed_and_taken_away(api: Api, cast: Cast) -> None:
    at = f"{queued_sweep(cast.team, n_trials=1).public_id}/trials/"
    code, found = api("post", at, {"params": {"learning_rate": 0.001}})
    assert (code, found["trial"]["number"], found["trial"]["origin"], found["grew"]) == (201, 0, "enqueued", False)
    assert api("post", at, {"params": {"learning_rate": 0.002}})[1]["grew"] is True
    assert api("patch", f"{at}0/", {"params": {"learning_rate": 0.003}})[1]["trial"]["params"] == {
        "learning_rate": 0.003
    }
    code, refused = api("post", at, {"params": {"learning_rate": 2}})
    assert (code, list(refused["fields"])) == (400, ["params.learning_rate"])
    assert api("delete", f"{at}0/") == (204, None)
    assert api("get", f"{at}0/")[1]["trial"]["state"] == "cancelled"
    assert api("delete", f"{at}0/")[0] == 409
    for wrong in ("7/", f"{2**70}/", "7/stop/"):
        assert api("post" if "stop" in wrong else "get", f"{at}{wrong}")[0] == 404


def test_a_trial_is_stopped_pruned_and_tried_again(api: Api, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    talk.permits(count=3)
    talk.send(talk.started(0), talk.started(1), talk.started(2), talk.failed(2))
    at = f"{talk.sweep.public_id}/trials/"
    assert api("post", f"{at}0/stop/")[1]["trial"]["order"] == "stop"
    assert api("post", f"{at}1/prune/")[1]["trial"]["order"] == "prune"
    code, found = api("post", f"{at}2/retry/", {"params": {"learning_rate": 0.005}})
    assert (code, found["trial"]["number"], found["trial"]["params"]) == (201, 3, {"learning_rate": 0.005})
    assert Trial.objects.get(number=3).retry_of == Trial.objects.get(number=2)
    code, found = api("post", f"{at}bulk/", {"verb": "retry", "numbers": [0, 2]})
    assert (code, found["done"], list(found["refused"])) == (200, [2], ["0"])
    assert api("post", f"{at}bulk/", {"verb": "retry", "numbers": [0, 99]})[0] == 404
    assert api("post", f"{at}bulk/", {"verb": "explode", "numbers": []})[0] == 400


def test_many_sweeps_at_once(api: Api, cast: Cast) -> None:
    one, draft = queued_sweep(cast.team), make_sweep(cast.team)
    ids = [one.public_id, draft.public_id]
    code, found = api("post", "bulk/", {"verb": "pause", "ids": ids})
    assert (code, found["done"]) == (200, [one.public_id])
    assert found["refused"] == {draft.public_id: "The sweep has not started, so there is nothing to pause."}
    strange = make_sweep(cast.other)
    assert api("post", "bulk/", {"verb": "cancel", "ids": [one.public_id, strange.public_id]})[0] == 404
    assert api("post", "bulk/", {"verb": "cancel", "ids": ["x\u0000y"]})[0] == 400
    one.refresh_from_db()
    assert one.state == "paused"


def test_archive_restore_and_delete(api: Api, cast: Cast) -> None:
    sweep = make_sweep(cast.team, name="Old one", created_by=cast.bob)
    at = sweep.public_id
    assert api("post", f"{at}/archive/")[0] == 200
    assert api("get", "")[1]["sweeps"] == []
    assert [found["id"] for found in api("get", "?archived=1")[1]["sweeps"]] == [at]
    assert api("post", f"{at}/restore/")[0] == 200
    code, refused = api("delete", f"{at}/", {"name": "Other"})
    assert (code, refused["fields"]) == (400, {"name": ["Type the sweep's name, Old one, to delete it."]})
    Sweep.objects.update(created_by=cast.alice)
    assert api("delete", f"{at}/", {"name": "Old one"})[0] == 403
    Sweep.objects.update(created_by=cast.bob)
    assert api("delete", f"{at}/", {"name": "Old one"}) == (204, None)
    assert not Sweep.objects.exists()
    assert not SweepAct.objects.exists()


def test_an_amendment_that_is_refused_in_part_changes_nothing(api: Api, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    change = {"n_trials": 9, "parameters": {"learning_rate": {"low": 1.0}}}
    assert api("post", f"{sweep.public_id}/amend/", change)[0] == 400
    sweep.refresh_from_db()
    assert (sweep.n_trials, SweepAct.objects.filter(verb="amended").count()) == (4, 0)
