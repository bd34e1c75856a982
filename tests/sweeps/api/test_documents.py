"""Documents over HTTP: written, made, started, refused; by whom."""

import json
from typing import Any

import pytest
from django.test import Client

from sweeps.models import Model, SearchSpace, Sweep
from tests.factories import Cast
from tests.sweeps.parts import make_draft, make_model, make_space

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def post(api: Client, **body: Any) -> Any:
    return api.post("/api/v1/documents/", json.dumps(body), content_type="application/json")


def test_a_sweep_is_written_made_again_and_started(api: Client, cast: Cast) -> None:
    sweep = make_draft(cast.team, cast.bob)
    answer = api.get(f"/api/v1/sweeps/{sweep.public_id}/yaml/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    made = post(api, text=answer.content.decode(), name="Again")
    assert made.status_code == 201
    told = {name: value for name, value in made.json().items() if name != "id"}
    assert told == {"kind": "sweep", "name": "Again", "state": "draft", "problems": {}, "warnings": {}}
    assert post(api, text=answer.content.decode(), start=True).json()["state"] == "queued"
    assert Sweep.objects.filter(state="queued").count() == 1
    for kind, thing in (("models", make_model(cast.team)), ("spaces", make_space(cast.team))):
        text = api.get(f"/api/v1/{kind}/{thing.public_id}/yaml/").content.decode()
        found = post(api, text=text, name=f"Other {kind}", kind=kind[:-1])
        assert (found.status_code, found.json()["name"]) == (201, f"Other {kind}")


def test_what_cannot_start_is_made_as_a_draft_or_not_at_all(api: Client, cast: Cast) -> None:
    document = {
        "name": "S",
        "model": make_model(cast.team).name,
        "space": {"learning_rate": {"low": -1.0, "high": 1.0}},
        "budget": {"n_trials": 4},
    }
    made = post(api, document=document, kind="sweep")
    assert made.status_code == 201
    assert made.json()["problems"] == {
        "data": ["Choose a data set version."],
        "objectives": ["Choose what to optimise: a metric and a direction."],
        "space.learning_rate.low": ["learning_rate must be 0 or more, not -1."],
    }
    refused = post(api, document=document, kind="sweep", start=True)
    assert (refused.status_code, refused.json()["fields"]) == (400, made.json()["problems"])
    assert Sweep.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "text"),
        ({"text": "a: 1", "document": {}}, "text"),
        ({"text": "a: [1"}, ""),
        ({"document": {"kind": "sweep", "name": 3}}, "name"),
        ({"document": {"kind": "space", "name": "S", "space": {"a": 3}}}, "space.a"),
        ({"document": {"kind": "space", "name": "S", "space": [1]}}, "space"),
        ({"document": {"kind": ["sweep"]}}, "kind"),
        ({"text": 'name: "\\0"'}, ""),
        ({"text": 'name: "\\uD800"'}, ""),
        ({"document": {"kind": "sweep", "name": "S", "model": {"name": 3}}}, "model.name"),
        ({"document": {"kind": "sweep", "name": "S", "data": {"name": "x", "version": "2"}}}, "data.version"),
        ({"document": {"kind": "sweep", "name": "S", "backend": ["optuna"]}}, "backend"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_what_is_no_document_is_refused_at_its_field(api: Client, body: dict[str, Any], path: str) -> None:
    answer = post(api, **body)
    assert answer.status_code == 400
    assert path in answer.json()["fields"]


def test_a_space_and_a_model_are_not_started(api: Client, cast: Cast) -> None:
    answer = post(
        api, document={"kind": "space", "name": "S", "space": {"learning_rate": {"low": 0.1, "high": 0.2}}}, start=True
    )
    assert answer.json()["fields"] == {"start": ["A space can't be started: leave start out."]}
    assert not SearchSpace.objects.exists()


def test_strangers_find_nothing_and_viewers_make_nothing(client: Client, cast: Cast) -> None:
    things = {
        "sweeps": make_draft(cast.team, cast.bob),
        "models": make_model(cast.team),
        "spaces": make_space(cast.team),
    }
    addresses = [f"/api/v1/{kind}/{thing.public_id}/yaml/" for kind, thing in things.items()]
    pages = [f"/sweeps/{things['sweeps'].public_id}/yaml/"]
    pages += [f"/library/{kind}/{things[kind].public_id}/yaml/" for kind in ("models", "spaces")]
    client.force_login(cast.charlie)
    assert {client.get(address).status_code for address in (*addresses, *pages)} == {404}
    client.force_login(cast.vera)
    assert {client.get(address).status_code for address in (*addresses, *pages)} == {200}
    text = "kind: space\nname: S\nspace: {learning_rate: {low: 0.1, high: 0.2}}"
    assert post(client, text=text).status_code == 403
    assert client.post("/import/", {"text": text}).status_code == 403
    assert (SearchSpace.objects.count(), Model.objects.count()) == (2, 2)  # those of the parts
