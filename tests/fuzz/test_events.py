"""Batches of events with something odd in them: taken whole, or refused with nothing of them kept."""

import copy
import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sweeps.models import Job
from sweeps.queries.audit import audit_sweep
from tests.fuzz.world import NASTY, Tally, World, drawing, rows, undone

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([-1, 0, 2**31, 2**63, 2**64, 10**40, 1e308, float("inf"), -0.0, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(NASTY),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(["a", "", "\0", "seq", "type", "loss"]), st.integers(), max_size=3),
)


@pytest.fixture
def world(db: None) -> World:
    return World.make()


def batch(world: World) -> dict[str, Any]:
    """A good batch of every kind of event that may come while a trial runs."""
    talk = world.talk
    talk.seq = Job.objects.get(pk=talk.job.pk).acked_seq
    running = {"number": 1, "attempt": 1}
    files = [{"path": "model.safetensors", "sha256": "c" * 64, "size": 1}]
    events = [
        talk.event("log", stream="stdout", text="Hello.", number=1),
        talk.metrics(1, 2, loss=0.5, eval_accuracy="nan"),
        talk.event("reported", **running, step=2, epoch=0.5, value=0.5),
        talk.event("params_changed", **running, step=2, params={"learning_rate": 0.1}, copied=0),
        talk.event("checkpoint_saved", **running, step=2, bytes=10),
        talk.finished(1, 0.5, metrics={"eval_accuracy": 0.5}, timings={"train": 1.0}),
        talk.event("permit_returned", number=2, attempt=1),
        talk.event("child_lost", child="0", exit_code=-9, running=[[1, 1]], message="Killed."),
        talk.event("model_saved", number=0, attempt=1, files=files),
        talk.ended("fail", failure_code="oom", failure_message="x", failure_field="y"),
    ]
    chosen: dict[str, Any] = json.loads(talk.body(*events))
    return chosen


def spots(part: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in the JSON."""
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [*([at] if at else []), *(spot for key, each in inner for spot in spots(each, (*at, key)))]


def put(whole: Any, at: tuple[Any, ...], value: Any) -> None:
    *way, last = at
    for key in way:
        whole = whole[key]
    if isinstance(whole, dict) and value == "\0":
        del whole[last]
    else:
        whole[last] = value


@pytest.mark.parametrize("examples", [60, pytest.param(2000, marks=[pytest.mark.full, pytest.mark.timeout(3600)])])
def test_odd_batches(world: World, examples: int) -> None:
    tally, client = Tally(), Client(raise_request_exception=False)
    good = batch(world)
    url = f"/api/runner/v1/jobs/{world.talk.job.public_id}/events"
    audited, sweep = 0, world.talk.job.sweep_id

    @drawing(examples, same_below=1000)
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        nonlocal audited
        odd = copy.deepcopy(good)
        odd["events"] = odd["events"][: data.draw(st.integers(1, len(odd["events"])))]
        for _ in range(data.draw(st.integers(1, 2))):
            put(odd, data.draw(st.sampled_from(spots(odd))), data.draw(ODD))
        if isinstance(odd.get("events"), list) and data.draw(st.booleans()):
            for place, event in enumerate(odd["events"]):
                if isinstance(event, dict):
                    event["seq"] = odd["first_seq"] + place if isinstance(odd.get("first_seq"), int) else place
        before = rows()
        with undone():
            answer = client.post(
                url,
                json.dumps(odd),
                content_type="application/json",
                headers={"Authorization": f"Bearer {world.token}"},
            )
            tally.count(json.dumps(odd)[:600], answer.status_code)
            if 400 <= answer.status_code < 500:
                assert rows() == before, f"refused, and something was kept: {odd}"
                assert b"message" in answer.content
            elif answer.status_code == 200:
                audited += 1
                # Which step is next is the runner's to say.
                found = [finding for finding in audit_sweep(sweep) if "goes back" not in finding.message]
                assert found == [], odd

    with tally.listening():
        one()
    print(f"\nevents: {tally}, {audited} audited")
    assert tally.faults == []
    assert tally.answers[200] > 0
    assert tally.answers[400] > examples // 5
