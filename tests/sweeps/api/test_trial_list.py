"""Trials for programs: filtered, in pages, with chosen fields; and every point that one has logged."""

from typing import Any

import pytest

from sweeps.models import Trial
from tests.factories import Cast
from tests.sweeps.api.caller import Caller
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(cast: Cast) -> Talk:
    talk = running_job(cast.team, n_trials=5)
    talk.permits(count=3)
    for number in range(2):
        talk.send(*talk.whole_trial(number, value=0.5 + number / 10))
    talk.send(talk.started(2), talk.metrics(2, 1, loss=2.0), talk.metrics(2, 2, loss="nan", eval_loss=1.5))
    return talk


def test_filters_and_pages(talk: Talk, cast: Cast) -> None:
    vera = Caller(cast.vera, cast.team, "read")
    path = f"sweeps/{talk.sweep.public_id}/trials/"

    def numbers(query: str = "") -> Any:
        answer = vera.get(f"{path}{query}")
        return [row["number"] for row in answer.json()["trials"]], answer.json()["next"]

    assert numbers() == ([0, 1, 2], None)
    assert numbers("?limit=2") == ([0, 1], 1)
    assert numbers("?limit=2&after=1") == ([2], None)
    assert numbers("?state=running") == ([2], None)
    assert numbers("?q=value%20%3E%200.55") == ([1], None)
    assert vera.get(f"{path}?fields=number,value&limit=1").json()["trials"] == [{"number": 0, "value": 0.5}]
    for query in ("?q=value%20%3E%3E", "?state=lost", "?limit=201", "?after=x", "?fields=size"):
        answer = vera.get(f"{path}{query}")
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [query[1:].partition("=")[0]])
    whole = vera.get(path)
    assert vera.get(path, if_none_match=whole["ETag"]).status_code == 304
    talk.send(talk.finished(2, 0.7))
    assert vera.get(path, if_none_match=whole["ETag"]).status_code == 200


def test_every_point_is_told(talk: Talk, cast: Cast) -> None:
    vera = Caller(cast.vera, cast.team, "read")
    path = f"sweeps/{talk.sweep.public_id}/trials/2/metrics/"
    found = vera.get(path).json()
    assert (found["attempt"], found["attempts"], found["step"]) == (1, [1], [1, 2])
    assert found["values"] == {"eval_loss": [None, 1.5], "loss": [2.0, "nan"]}
    assert vera.get(f"{path}?attempt=1").json() == found
    assert vera.get(f"{path}?attempt=2").status_code == 404
    assert vera.get(f"{path}?attempt=x").status_code == 400


def test_a_trial_is_added_once_for_a_key(talk: Talk, cast: Cast) -> None:
    alice = Caller(cast.alice, cast.team)
    path = f"sweeps/{talk.sweep.public_id}/trials/"
    body = {"params": {"learning_rate": 0.002}}
    made = alice.post(path, body, idempotency_key="k")
    assert made.status_code == 201, made.content
    assert alice.post(path, body, idempotency_key="k").json() == made.json()
    assert Trial.objects.filter(origin="enqueued").count() == 1
