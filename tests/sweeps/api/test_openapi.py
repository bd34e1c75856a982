"""The description of the API: whole, as it is committed, never less than before; and what is answered is as described."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from tests.factories import Cast, make_runner
from tests.sweeps.api.broken import broken
from tests.sweeps.api.caller import Caller
from tests.sweeps.parts import make_draft
from tests.sweeps.talk import running_job

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.yaml"


@cache
def committed() -> dict[str, Any]:
    return dict(yaml.safe_load(COMMITTED.read_text()))


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(file))
    return dict(yaml.safe_load(file.read_text()))


def test_the_committed_description_is_the_code(generated: dict[str, Any]) -> None:
    assert generated == committed(), "Run `manage.py spectacular --file docs/openapi.yaml` and commit it."


def test_nothing_that_programs_rely_on_is_gone(generated: dict[str, Any]) -> None:
    assert broken(committed(), generated) == []


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_says_what_it_does_takes_and_gives(generated: dict[str, Any]) -> None:
    bare = [
        f"{method} {path}"
        for path, method, operation in operations(generated)
        if not operation.get("description")
        or not any(
            "content" in answer or code == "204" for code, answer in operation["responses"].items() if code[0] == "2"
        )
    ]
    assert bare == []


def test_what_is_answered_is_as_described(cast: Cast, generated: dict[str, Any]) -> None:
    talk = running_job(cast.team, n_trials=4)
    talk.permits(count=2)
    talk.send(*talk.whole_trial(0), talk.started(1), talk.metrics(1, 1, loss=1.0))
    talk.send(talk.event("log", stream="stdout", text="hi", number=1))
    draft = make_draft(cast.team, cast.alice)
    runner, _ = make_runner("idle")
    assert draft.model
    assert draft.space
    assert draft.dataset_version
    alice = Caller(cast.alice, cast.team, "admin")
    ids = {
        "sweeps": talk.sweep.public_id,
        "models": draft.model.public_id,
        "spaces": draft.space.public_id,
        "datasets": draft.dataset_version.dataset.public_id,
        "versions": draft.dataset_version.public_id,
        "runners": runner.public_id,
        "teams": cast.team.public_id,
        "uploads": alice.upload("a.csv", b"text,label\na,x\nb,y\n"),
    }
    query = {
        "/api/v1/compare/": f"?trials={talk.sweep.public_id}:0,{talk.sweep.public_id}:1",
        "/api/v1/compare/sweeps/": f"?sweeps={talk.sweep.public_id}",
        "/api/v1/compare/curves/": f"?metric=loss&trials={talk.sweep.public_id}:0,{talk.sweep.public_id}:1",
        "/api/v1/sweeps/{public_id}/curves/": "?metric=loss",
    }
    seen = 0
    for path, method, operation in operations(generated):
        shape = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema")
        if method != "get" or shape is None:
            continue
        public_id = ids.get(path.split("/")[3], "")
        where = path.format(public_id=public_id, number=1).removeprefix("/api/v1/") + query.get(path, "")
        answer = alice.get(where)
        assert answer.status_code == 200, (where, answer.content)
        jsonschema.validate(answer.json(), {**shape, "components": generated["components"]})
        seen += 1
    assert seen >= 25


def test_the_description_is_for_those_who_are_logged_in(client: Client, cast: Cast) -> None:
    assert client.get("/api/v1/schema/").status_code == 401
    client.force_login(cast.vera)
    assert client.get("/api/v1/schema/").json()["openapi"] == "3.1.0"


A: dict[str, Any] = {
    "paths": {
        "/a/": {
            "get": {
                "parameters": [{"name": "q", "in": "query"}],
                "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
            },
            "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}},
        }
    },
    "components": {
        "schemas": {
            "A": {"properties": {"id": {"type": "string"}, "state": {"enum": ["on", "off"]}}},
            "N": {"properties": {"name": {"type": "string"}, "kind": {"enum": ["x", "y"]}}, "required": ["name"]},
        }
    },
}


def changed(**changes: Any) -> dict[str, Any]:
    """`A` with other values at dotted paths (`__` for a dot); None takes away."""
    import copy

    found = copy.deepcopy(A)
    for path, value in changes.items():
        *parts, last = path.split("__")
        at: Any = found
        for part in parts:
            at = at[part.replace("slash", "/a/")]
        if value is None:
            del at[last.replace("slash", "/a/")]
        else:
            at[last] = value
    return found


S = "components__schemas__"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"paths__slash": None}, ["/a/ is gone"]),
        ({"paths__slash__post": None}, ["POST /a/ is gone"]),
        ({"paths__slash__get__parameters": []}, ["GET /a/: the parameter q is gone"]),
        ({f"{S}A__properties__id": None}, ["A.id is gone"]),
        ({f"{S}A__properties__state__enum": ["on"]}, ["A.state: 'off' is gone"]),
        ({f"{S}N__properties__kind__enum": ["x"]}, ["N.kind: 'y' is gone"]),
        ({f"{S}N__required": ["name", "kind"]}, ["N.kind is required now"]),
        ({f"{S}A__properties__id__type": "integer"}, ["A.id: string has become integer"]),
        ({f"{S}A": None}, ["A is gone"]),
        ({f"{S}A__properties__more": {"type": "string"}, f"{S}A__properties__state__enum": ["on", "off", "new"]}, []),
        ({f"{S}N__properties__more": {"type": "string"}}, []),
    ],
)
def test_a_breaking_change_is_found(changes: dict[str, Any], told: list[str]) -> None:
    assert broken(A, changed(**changes)) == told
