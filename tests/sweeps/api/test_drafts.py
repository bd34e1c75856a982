"""Drafts by the API: everything that the form can say comes back as it was sent, and bad input is refused."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeps.models import Sweep
from tests.factories import Cast
from tests.sweeps.parts import DRAFT, make_model, make_space, make_version

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/sweeps/"


@pytest.fixture
def api(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def post(api: Client, **fields: Any) -> Any:
    return api.post(ADDRESS, json.dumps({"name": "S", **fields}), content_type="application/json")


WHOLE: list[dict[str, Any]] = [
    {"backend": {"name": "optuna", "sampler": {"name": "tpe", "options": {"multivariate": True}}}},
    {
        "backend": {
            "name": "ray",
            "search": {"name": "hyperopt", "options": {"gamma": 0.3}},
            "scheduler": {"name": "pbt", "options": {}},
            "cpus": 2.0,
            "gpus": 0.5,
            "mutations": ["learning_rate"],
            "address": None,
        },
        "children": 4,
    },
    {"backend": {"name": "wandb", "method": "bayes", "project": "rates"}},
    {
        "objectives": [
            {"metric": "eval_loss", "direction": "minimize", "over": "best", "weights": {}},
            {"metric": "weighted_sum", "direction": "maximize", "over": "last", "weights": {"eval_mcc": 1.0}},
        ],
        "lora": {"r": 4, "alpha": 8, "dropout": 0.0, "target_modules": ["query"]},
        "processes": 2,
    },
]


@pytest.mark.parametrize("changes", WHOLE)
def test_a_draft_comes_back_as_it_was_sent_and_can_start(api: Client, cast: Cast, changes: dict[str, Any]) -> None:
    parts = {
        "model": make_model(cast.team).public_id,
        "data": make_version(cast.team).public_id,
        "space": make_space(cast.team).public_id,
    }
    answer = post(api, draft={**DRAFT.model_dump(mode="json"), **changes}, **parts)
    assert answer.status_code == 201
    found = answer.json()
    assert found["problems"] == {}
    for name, value in changes.items():
        if name == "backend":
            assert {key: found["draft"]["backend"][key] for key in value} == value | (
                {"sampler": {"name": "tpe", "options": {"multivariate": True}}} if value["name"] == "optuna" else {}
            )
        else:
            assert found["draft"][name] == value
    again = api.put(
        f"{ADDRESS}{found['id']}/",
        json.dumps({"name": "S", "draft": found["draft"], **parts}),
        content_type="application/json",
    )
    assert (again.status_code, again.json()["draft"]) == (200, found["draft"])
    assert api.post(f"{ADDRESS}{found['id']}/start/").status_code == 200
    refused = api.put(f"{ADDRESS}{found['id']}/", json.dumps({"name": "T"}), content_type="application/json")
    assert (refused.status_code, Sweep.objects.get().name) == (400, "S")


def test_what_is_missing_or_odd_is_named(api: Client) -> None:
    found = post(api, draft={"backend": {"name": "ray"}, "processes": 2, "budget": {}}).json()
    assert found["problems"]["processes"] == [
        "Distributed data parallel works with Optuna only: set 1 process, or choose Optuna instead of Ray Tune."
    ]
    assert found["problems"]["budget.n_trials"] == ["Give the number of trials."]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"model": "nosuchthing1"}, "model"),
    ({"draft": {"backend": {"name": "sigopt"}}}, "backend"),
    ({"draft": {"backend": {"name": "ray", "cpus": 0}}}, "backend.cpus"),
    ({"draft": {"objectives": [{"metric": "weighted_sum", "direction": "maximize"}]}}, "objectives.0"),
    ({"draft": {"report_to": ["neptune"]}}, "report_to.0"),
    ({"draft": {"sed": 1}}, "sed"),
    ({"draft": {"arguments": {"optim": "\x00"}}}, ""),
]


@pytest.mark.parametrize(("fields", "path"), BAD)
def test_what_cannot_be_stored_is_refused_at_its_path(api: Client, fields: dict[str, Any], path: str) -> None:
    answer = post(api, **fields)
    assert answer.status_code == 400
    assert path in json.dumps(answer.json())
    assert Sweep.objects.count() == 0


def test_a_strangers_parts_and_a_viewers_drafts_are_refused(api: Client, cast: Cast) -> None:
    assert post(api, space=make_space(cast.other).public_id).status_code == 400
    api.force_login(cast.vera)
    assert post(api).status_code == 403
    assert Sweep.objects.count() == 0


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -1, 1e308, float("inf"), "\x00", "\ud800", "x" * 3000, [], {}, [[]], {"name": []}]),
    st.text(max_size=5),
    st.dictionaries(st.sampled_from(["name", "options", "n_trials", "r", "parameters"]), st.integers(), max_size=3),
)
FIELDS = [*DRAFT.model_dump(), "unknown"]


@given(
    draft=st.dictionaries(st.sampled_from(FIELDS), ODD, max_size=4), backend=st.dictionaries(st.text(max_size=4), ODD)
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_garbage_breaks_it(api: Client, draft: dict[str, Any], backend: dict[str, Any]) -> None:
    for sent in (draft, {**draft, "backend": {"name": "ray", **backend}}):
        assert post(api, draft=sent).status_code in (201, 400)
