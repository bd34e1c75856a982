"""Models and search spaces over HTTP: made, found, changed, taken away; refused with the field's name."""

from typing import Any

import pytest

from sweeps.models import Model, SearchSpace
from tests.factories import Cast
from tests.sweeps.api.caller import Caller
from tests.sweeps.parts import BERT, ROWS, TOKENIZER, make_model, make_space

pytestmark = pytest.mark.django_db
MODEL: dict[str, Any] = {
    "name": "Tiny",
    "task": "text-classification",
    "source": BERT,
    "processor": TOKENIZER,
    "description": "For tests.",
}
SPACE: dict[str, Any] = {"name": "Rates", "space": {"parameters": ROWS}, "task": "", "description": ""}


@pytest.fixture
def bob(cast: Cast) -> Caller:
    return Caller(cast.bob, cast.team)


@pytest.mark.parametrize(("path", "body"), [("models/", MODEL), ("spaces/", SPACE)])
def test_made_found_changed_and_taken_away(bob: Caller, cast: Cast, path: str, body: dict[str, Any]) -> None:
    answer = bob.post(path, body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert {name: made[name] for name in ("name", "task", "description")} == {
        name: body[name] for name in ("name", "task", "description")
    }
    assert (made["team"], made["owner"]) == (cast.team.public_id, "bob@example.org")
    one = f"{path}{made['id']}/"
    got = bob.get(one)
    assert got.json() == made
    assert got["ETag"] == answer["ETag"]
    key = path.strip("/")
    assert bob.get(path).json() == {key: [made], "next": None}
    changed = bob.patch(one, {"name": "Other"})
    assert changed.status_code == 200
    assert changed.json() == {**made, "name": "Other", "updated_at": changed.json()["updated_at"]}
    assert bob.get(f"{path}?name=Other&fields=id,name").json()[key] == [{"id": made["id"], "name": "Other"}]
    assert bob.get(f"{path}?q=nothing").json()[key] == []
    assert bob.delete(one).status_code == 204
    assert bob.get(one).status_code == 404


def test_what_is_wrong_is_named(bob: Caller) -> None:
    bad_model = bob.post("models/", {**MODEL, "source": {**BERT, "fields": {"hidden_size": "wide"}}})
    assert bad_model.status_code == 400
    assert list(bad_model.json()["fields"]) == ["source.fields.hidden_size"]
    row = {**ROWS[0], "low": 1.0, "high": 0.5}
    bad_space = bob.post("spaces/", {**SPACE, "space": {"parameters": [row]}})
    assert bad_space.status_code == 400
    assert all(path.startswith("space.parameters.0") for path in bad_space.json()["fields"]), bad_space.json()
    odd = bob.post("models/", {**MODEL, "size": 3})
    assert odd.json()["fields"] == {"size": ["Extra inputs are not permitted."]}
    assert bob.post("models/", {}).json()["fields"].keys() == {"name", "task", "source"}
    assert (Model.objects.count(), SearchSpace.objects.count()) == (0, 0)
    bob.post("models/", MODEL)
    twice = bob.post("models/", MODEL)
    assert (twice.status_code, list(twice.json()["fields"])) == (400, ["name"])


def test_a_copy_has_a_name_of_its_own(bob: Caller) -> None:
    space = bob.post("spaces/", SPACE).json()
    copy = bob.post(f"spaces/{space['id']}/copy/")
    assert (copy.status_code, copy.json()["name"], copy.json()["space"]) == (201, "Rates (copy)", space["space"])


def test_nothing_of_others_and_no_change_by_a_viewer(bob: Caller, cast: Cast) -> None:
    others, own = make_model(cast.other), make_space(cast.team)
    assert bob.get(f"models/{others.public_id}/").status_code == 404
    assert bob.patch(f"models/{others.public_id}/", {"name": "x"}).status_code == 404
    assert bob.get("models/").json()["models"] == []
    vera = Caller(cast.vera, cast.team, "read")
    assert vera.get(f"spaces/{own.public_id}/").status_code == 200
    assert vera.post("spaces/", SPACE).status_code == 403
    assert vera.delete(f"spaces/{own.public_id}/").status_code == 403
    assert SearchSpace.objects.count() == 1


def test_a_change_by_two_is_noticed(bob: Caller) -> None:
    answer = bob.post("models/", MODEL)
    one, tag = f"models/{answer.json()['id']}/", answer["ETag"]
    assert bob.get(one, if_none_match=tag).status_code == 304
    assert bob.patch(one, {"description": "first"}, if_match=tag).status_code == 200
    late = bob.patch(one, {"description": "second"}, if_match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert bob.delete(one, if_match=tag).status_code == 412
    assert bob.get(one, if_none_match=tag).json()["description"] == "first"
    assert bob.delete(one, if_match=f"W/{bob.get(one)['ETag']}").status_code == 204
