"""The frame: every trial as columns."""

from typing import Any

import brotli
import pytest
from django.test import Client

from runners.models import Runner
from sweeps.models import Sweep, Trial
from sweeps.queries.frame import STATES, frame, rounded
from sweeps.queries.frame_params import param_columns
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import running_job, spec

pytestmark = pytest.mark.django_db


def test_trials_are_columns_in_order_of_number(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=4)
    Runner.objects.update(name="the box")
    talk.permits(count=4)
    talk.send(
        talk.started(1, lr=0.123456789),
        *talk.whole_trial(0, 0.5),
        talk.event("reported", number=1, attempt=1, step=2, epoch=1.0, value=0.25),
        talk.finished(1, None, state="pruned"),
        talk.started(2),
        talk.finished(2, "nan"),
    )
    found = frame(talk.sweep)
    assert found["position"] == talk.sweep.position
    assert found["number"] == [0, 1, 2]  # the fourth was permitted, and has not begun
    states = [STATES[place] for place in found["state"]]
    assert states == list(Trial.objects.filter(params__isnull=False).order_by("number").values_list("state", flat=True))
    assert states[:2] == ["complete", "pruned"]
    assert found["objectives"] == [{"name": "eval_accuracy", "direction": "maximize", "values": [0.5, None, None]}]
    rate = found["params"][0]
    assert (rate["name"], rate["kind"], rate["log"], rate["choices"]) == ("learning_rate", "number", True, None)
    assert rate["values"] == [0.001, 0.123457, 0.001]
    assert (found["runners"], found["runner"], found["version"]) == (["the box"], [0, 0, 0], [1, 1, 1])
    assert found["duration"][:2] == [2.0, 2.0]
    start = talk.sweep.started_at
    assert start is not None
    assert found["start"] == start.timestamp()
    at = [trial.started_at for trial in Trial.objects.filter(params__isnull=False).order_by("number")]
    assert found["started"] == [round((each - start).total_seconds(), 1) for each in at if each]
    assert found["reported"] == {"number": [1], "value": [0.25]}


def test_a_frame_costs_the_same_queries_however_many_trials(cast: Cast, django_assert_max_num_queries: Any) -> None:
    sweep = make_sweep(cast.team, state="complete", spec=spec())
    trials = [Trial(sweep=sweep, number=i, state="complete", params={}, values=[1.0], value=1.0) for i in range(50)]
    Trial.objects.bulk_create(trials)
    with django_assert_max_num_queries(5):
        assert len(frame(sweep)["number"]) == 50


def test_an_empty_sweep_and_a_draft_have_a_frame(cast: Cast) -> None:
    assert frame(make_sweep(cast.team, spec=spec()))["params"][0]["values"] == []
    draft = frame(make_sweep(cast.team))
    assert (draft["number"], draft["objectives"], draft["params"], draft["start"]) == ([], [], [], None)


def test_numbers_keep_six_digits() -> None:
    values = [1 / 3, 123456789, 12345, True, "nan", None, float("inf"), 1e-300, 10**400]
    assert [rounded(value) for value in values] == [0.333333, 123457000.0, 12345, None, None, None, None, 1e-300, None]


def test_choices_are_told_apart_by_type_and_new_ones_come_last() -> None:
    rows = [
        {"type": "categorical", "name": "a", "choices": [8, "8", True, None]},
        {"type": "int", "name": "n", "low": 1, "high": 8},
    ]
    lookup = {"type": "lookup", "name": "b", "of": "a", "values": ["x", "y", "x", "z"]}
    trials: list[Any] = [{"a": "8", "n": 1, "b": "y"}, {"a": None}, {"a": 1, "n": 3, "extra": False}, {"a": True}]
    found = param_columns({"space": {"parameters": rows, "derived": [lookup]}}, trials, rounded)
    told: list[Any] = [(each["name"], each["kind"], each["choices"], each["values"]) for each in found]
    expected: list[Any] = [
        ("a", "choice", [8, "8", True, None, 1], [1, 3, 4, 2]),
        ("n", "number", None, [1, None, 3, None]),
        ("b", "choice", ["x", "y", "z"], [1, None, None, None]),
        ("extra", "choice", [False], [None, None, 0, None]),
    ]
    assert told == expected


def test_the_frame_over_http(client: Client, cast: Cast) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(*talk.whole_trial(0, 0.5))
    url = f"/api/v1/sweeps/{talk.sweep.public_id}/frame/"
    assert client.get(url).status_code == 401
    client.force_login(cast.charlie)
    assert client.get(url).status_code == 404
    client.force_login(cast.vera)
    answer = client.get(url)
    assert answer.json() == frame(talk.sweep)
    packed = client.get(url, headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "br"
    assert brotli.decompress(packed.content) == answer.content
    again = client.get(url, headers={"accept-encoding": "br", "if-none-match": packed["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    talk.send(talk.event("log", stream="stdout", text="hello", number=0))
    Sweep.objects.filter(pk=talk.sweep.pk).update(position=talk.sweep.position + 1)
    assert client.get(url, headers={"if-none-match": answer["ETag"]}).status_code == 200
