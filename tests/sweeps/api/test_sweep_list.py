"""The list of sweeps for programs: filters, pages, chosen fields, tags of versions; and sweeps made whole."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sweeps.models import GivenAnswer, Sweep
from tests.factories import Cast, make_sweep
from tests.sweeps.api.caller import Caller
from tests.sweeps.parts import DRAFT, make_model, make_space, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Caller:
    return Caller(cast.bob, cast.team)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [sweep["name"] for sweep in answer.json()["sweeps"]]


def test_filters(bob: Caller, cast: Cast) -> None:
    model = make_model(cast.team)
    one = make_sweep(cast.team, name="one", created_by=cast.bob, model=model, draft={"backend": {"name": "ray"}})
    make_sweep(cast.team, name="two", created_by=cast.alice, state="running")
    make_sweep(cast.team, name="away", archived_at=timezone.now())
    make_sweep(cast.other, name="others")
    bob.put(f"sweeps/{one.public_id}/tags/", {"tags": ["good"]})
    assert names(bob.get("sweeps/")) == ["two", "one"]
    for query in ("owner=me", "owner=bob@example.org", "state=draft", "tag=good", f"model={model.public_id}",
                  "backend=ray", "q=ONE", "q=goo"):  # fmt: skip
        assert names(bob.get(f"sweeps/?{query}")) == ["one"], query
    assert names(bob.get("sweeps/?state=open")) == ["two"]
    assert names(bob.get("sweeps/?archived=1")) == ["away"]
    Sweep.objects.filter(pk=one.pk).update(created_at=timezone.now() - timedelta(days=2))
    moment = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert names(bob.get(f"sweeps/?created_after={moment}")) == ["two"]
    assert names(bob.get(f"sweeps/?created_before={moment}")) == ["one"]
    for query in ("state=lost", "start=yesterday", "created_after=noon", "fields=size", "limit=0", "after=x"):
        answer = bob.get(f"sweeps/?{query}")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_pages_go_on_where_the_last_one_ended(bob: Caller, cast: Cast) -> None:
    made = [make_sweep(cast.team, name=f"s{number}") for number in range(5)]
    # Two at the same moment: the cursor tells them apart.
    Sweep.objects.filter(name__in=["s1", "s2"]).update(created_at=timezone.now())
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = bob.get(f"sweeps/?limit=2&fields=name{after and '&after=' + after}").json()
        found += [sweep["name"] for sweep in answer["sweeps"]]
        after = answer["next"]
        if len(found) == 2:
            # What was the last of the page is taken away, and nothing is left out or told twice.
            Sweep.objects.filter(name=found[-1]).delete()
    assert sorted(found) == [f"s{number}" for number in range(5)]
    assert len(made) == len(found)
    behind = Sweep.objects.get(name="s3")
    assert "s3" not in names(bob.get(f"sweeps/?after={behind.public_id}"))


def test_chosen_fields_and_tags_of_versions(bob: Caller, cast: Cast) -> None:
    sweep = make_sweep(cast.team, name="one")
    first = bob.get("sweeps/?fields=id,best.value")
    assert first.json()["sweeps"] == [{"id": sweep.public_id, "best": {"value": None}}]
    assert bob.get("sweeps/?fields=id,best.value", if_none_match=first["ETag"]).status_code == 304
    one = bob.get(f"sweeps/{sweep.public_id}/?fields=name,sweep.state")
    assert one.json() == {"name": "one", "sweep": {"state": "draft"}}
    whole = bob.get(f"sweeps/{sweep.public_id}/")
    assert bob.get(f"sweeps/{sweep.public_id}/", if_none_match=whole["ETag"]).status_code == 304
    bob.put(f"sweeps/{sweep.public_id}/tags/", {"tags": ["b", "a"]})
    assert bob.get(f"sweeps/{sweep.public_id}/", if_none_match=whole["ETag"]).json()["tags"] == ["a", "b"]


def whole(cast: Cast) -> dict[str, Any]:
    return {
        "name": "Whole",
        "model": make_model(cast.team).public_id,
        "data": make_version(cast.team).public_id,
        "space": make_space(cast.team).public_id,
        "draft": DRAFT.model_dump(mode="json"),
        "tags": ["api"],
    }


def test_a_sweep_is_made_and_started_at_once(bob: Caller, cast: Cast) -> None:
    body = {**whole(cast), "start": True}
    made = bob.post("sweeps/", body, idempotency_key="k1")
    assert (made.status_code, made.json()["state"], made.json()["problems"]) == (201, "queued", {})
    again = bob.post("sweeps/", body, idempotency_key="k1")
    assert (again.status_code, again.json()) == (201, made.json())
    assert Sweep.objects.count() == 1
    other = bob.post("sweeps/", {**body, "name": "Other"}, idempotency_key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    GivenAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert bob.post("sweeps/", body, idempotency_key="k1").json()["id"] != made.json()["id"]
    assert bob.post("sweeps/", body, idempotency_key="\t").status_code == 400
    found = bob.get(f"sweeps/{made.json()['id']}/").json()
    assert (found["sweep"]["state"], found["tags"], found["model"]) == ("queued", ["api"], body["model"])


def test_what_cannot_start_is_not_made(bob: Caller, cast: Cast) -> None:
    body = {**whole(cast), "start": True}
    body["draft"] = {**body["draft"], "budget": {}}
    refused = bob.post("sweeps/", body, idempotency_key="k")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["budget.n_trials"])
    assert (Sweep.objects.count(), GivenAnswer.objects.count()) == (0, 0)
    assert bob.post("sweeps/", {**body, "start": False}, idempotency_key="k").status_code == 201


def test_a_clone_is_a_draft(bob: Caller, cast: Cast) -> None:
    made = bob.post("sweeps/", {**whole(cast), "start": True}).json()
    copy = bob.post(f"sweeps/{made['id']}/clone/")
    assert (copy.status_code, copy.json()["state"], copy.json()["name"]) == (201, "draft", "Whole (copy)")
