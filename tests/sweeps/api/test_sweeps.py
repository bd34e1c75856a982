"""The API of sweeps: what it shows, what it does, and what it costs."""

from typing import Any

import pytest
from django.test import Client

from runners.models import Runner
from sweeps.models import Sweep
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import Talk, queued_sweep, running_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def test_a_snapshot_is_what_the_live_page_needs(api: Client, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3)
    Runner.objects.update(name="the box")
    talk.permits(count=3)
    talk.send(
        *talk.whole_trial(0, 0.5),
        talk.started(1),
        talk.metrics(1, 1, loss="nan"),
        talk.event("log", stream="stdout", text="hello", number=1),
    )
    answer = api.get(f"/api/v1/sweeps/{talk.sweep.public_id}/snapshot/")
    found = answer.json()
    assert answer["Cache-Control"] == "no-store"
    assert found["position"] == found["sweep"]["position"] == talk.sweep.position
    state = found["sweep"]
    assert state["counts"] == {"waiting": 0, "running": 1, "complete": 1, "pruned": 0, "fail": 0, "cancelled": 0}
    assert (state["state"], state["wanted"], state["counted"], state["n_trials"]) == ("running", "run", 1, 3)
    assert state["best"] == {"number": 0, "value": 0.5, "params": {"learning_rate": 0.001}}
    assert state["remaining_s"] == pytest.approx(3.0, abs=0.5)
    assert state["started_at"].endswith("Z")
    assert (state["model"], state["waiting_reason"], state["failure_code"]) == (None, "", "")
    first, second = found["trials"]
    assert (first["number"], first["state"], first["value"], first["duration_s"]) == (0, "complete", 0.5, 2.0)
    assert (first["attempt"], first["runner"], first["intermediate"]) == (1, "the box", [[2, 1.0, 0.5]])
    assert (second["state"], second["value"], second["params"]) == ("running", None, {"learning_rate": 0.001})
    assert found["curves"]["0"]["loss"] == {"step": [1, 2], "epoch": [0.1, 0.2], "t": [1.0, 1.5], "value": [1.0, 0.5]}
    assert found["curves"]["0"]["eval_accuracy"] == {"step": [2], "epoch": [0.2], "t": [1.5], "value": [0.5]}
    assert found["curves"]["1"]["loss"]["value"] == ["nan"]
    assert [(line["text"], line["number"], line["stream"]) for line in found["logs"]] == [("hello", 1, "stdout")]


def test_the_curve_of_a_lost_attempt_is_not_shown(api: Client, cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(
        talk.started(0),
        talk.metrics(0, 1, loss=9.0),
        talk.event("child_lost", child="0", exit_code=1, running=[[0, 1]], message="x"),
    )
    talk.permits()
    talk.send(talk.started(0, attempt=2), talk.metrics(0, 1, attempt=2, loss=1.0))
    found = api.get(f"/api/v1/sweeps/{talk.sweep.public_id}/snapshot/").json()
    assert found["curves"]["0"]["loss"]["value"] == [1.0]
    assert found["trials"][0]["attempt"] == 2


@pytest.mark.parametrize("path", ["/sweeps/{}/", "/api/v1/sweeps/{}/snapshot/", "/api/v1/sweeps/{}/trials/"])
def test_the_cost_does_not_grow_with_the_trials(
    api: Client, cast: Cast, path: str, django_assert_max_num_queries: Any
) -> None:
    def grow(talk: Talk, count: int) -> None:
        permits = talk.permits(count=count).permits
        for permit in permits:
            talk.send(*talk.whole_trial(permit.number))

    talk = running_job(cast.team, n_trials=9)
    url = path.format(talk.sweep.public_id)
    spent = []
    for count in (1, 2):
        grow(talk, count)
        with django_assert_max_num_queries(30) as queries:
            assert api.get(url).status_code == 200
        spent.append(len(queries))
    assert spent[0] == spent[1]


@pytest.mark.parametrize("path", ["/", "/sweeps/", "/api/v1/sweeps/"])
def test_a_lists_cost_does_not_grow_with_its_rows(
    api: Client, cast: Cast, path: str, django_assert_max_num_queries: Any
) -> None:
    # The first visit of a page with sweeps is noted, which costs more.
    queued_sweep(cast.team)
    api.get(path)
    spent = []
    for count in (1, 2):
        for _ in range(count):
            queued_sweep(cast.team)
        with django_assert_max_num_queries(25) as queries:
            assert api.get(path).status_code == 200
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_verbs_answer_with_the_state(api: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    answer = api.post(f"/api/v1/sweeps/{sweep.public_id}/cancel/")
    assert (answer.status_code, answer.json()["sweep"]["state"]) == (200, "cancelled")
    again = api.post(f"/api/v1/sweeps/{sweep.public_id}/stop/")
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    assert again.json()["message"] == "The sweep has ended (cancelled), so there is nothing to stop."


def test_a_draft_that_cannot_start_says_why(api: Client, cast: Cast) -> None:
    sweep = make_sweep(cast.team)
    answer = api.post(f"/api/v1/sweeps/{sweep.public_id}/start/")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["fields"]
    sweep.refresh_from_db()
    assert sweep.state == "draft"


def test_a_queued_sweep_says_what_it_waits_for(api: Client, cast: Cast) -> None:
    sweep = queued_sweep(cast.team)
    found = api.get(f"/api/v1/sweeps/{sweep.public_id}/").json()
    assert found["sweep"]["waiting_reason"].startswith("No runner is registered")


def test_the_list_comes_in_pages(api: Client, cast: Cast) -> None:
    Sweep.objects.bulk_create([Sweep(team=cast.team, name=f"s{number}") for number in range(101)])
    first = api.get("/api/v1/sweeps/").json()
    assert (len(first["sweeps"]), first["sweeps"][0]["name"]) == (100, "s100")
    second = api.get(f"/api/v1/sweeps/?after={first['next']}").json()
    assert ([sweep["name"] for sweep in second["sweeps"]], second["next"]) == (["s0"], None)
