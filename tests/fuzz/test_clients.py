"""What the W&B and SigOpt clients send, with something odd in it, by a program with a good key."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teams.tokens import make_token
from tests.factories import Cast
from tests.fuzz.test_events import ODD, put, spots
from tests.fuzz.world import Tally, drawing, rows, undone
from tests.sweeps.sigopt.talk import DEFINITION, Script
from tests.sweeps.wandb.talk import RANDOM, Program

Send = Callable[[Any], Any]
Request = tuple[str, Any, Send]
"""What it is, the good body, how it is sent."""


def wandb_requests(key: str) -> list[Request]:
    program = Program(key)
    program.client.raise_request_exception = False
    sweep = program.sweep(RANDOM)
    agent = program.agent(sweep)
    run = str(program.beat(agent)[0]["run_id"])
    program.init(run)
    history = {"wandb-history.jsonl": {"offset": 0, "content": ['{"val/loss": 0.5, "_step": 0}']}}

    def graphql(body: Any) -> Any:
        return program.client.post("/wandb/graphql", json.dumps(body), content_type="application/json")

    def stream(body: Any) -> Any:
        return program.client.post(
            f"/wandb/files/a/b/{run}/file_stream", json.dumps(body), content_type="application/json"
        )

    told: dict[str, dict[str, Any]] = {
        "UpsertSweep": {"config": json.dumps(RANDOM)},
        "CreateAgent": {"sweep": sweep, "host": "laptop"},
        "Heartbeat": {"id": agent, "metrics": "{}", "runState": json.dumps({run: True})},
        "UpsertBucket": {"name": run, "program": "train.py", "config": "{}", "summaryMetrics": "{}"},
        "CreateRunFiles": {"files": ["a"]},
        "Viewer": {},
    }
    return [
        *(
            (name, {"operationName": name, "query": f"mutation {name} {{ x }}", "variables": values}, graphql)
            for name, values in told.items()
        ),
        ("file_stream", {"files": history, "complete": True, "exitcode": 0}, stream),
    ]


def sigopt_requests(key: str) -> list[Request]:
    script = Script(key)
    script.client.raise_request_exception = False
    made = script.create()
    client = script.ask("GET", "tokens/self")["client"]
    runs = f"aiexperiments/{made['id']}/training_runs"
    run = script.ask("POST", runs, {})["id"]
    values = {"values": {"objective": {"value": 0.5}}, "state": "completed", "metadata": {"a": 1}}
    return [
        (
            "aiexperiments",
            DEFINITION,
            lambda body: script.send("POST", f"clients/{client}/projects/huggingface/aiexperiments", body),
        ),
        ("experiment", {"state": "archived"}, lambda body: script.send("PUT", f"aiexperiments/{made['id']}", body)),
        ("training_runs", {"name": "x"}, lambda body: script.send("POST", runs, body)),
        ("training_run", values, lambda body: script.send("MERGE", f"training_runs/{run}", body)),
    ]


@pytest.mark.parametrize("requests", [wandb_requests, sigopt_requests])
@pytest.mark.parametrize("examples", [8, pytest.param(200, marks=[pytest.mark.full, pytest.mark.timeout(3600)])])
def test_odd_requests(cast: Cast, requests: Callable[[str], list[Request]], examples: int) -> None:
    _, key = make_token(user=cast.bob, team=cast.team, name="laptop")
    tally, found = Tally(), requests(key)

    def one(what: str, good: Any, send: Send, data: st.DataObject) -> None:
        odd = copy.deepcopy(good)
        for _ in range(data.draw(st.integers(1, 2))):
            if places := spots(odd):
                put(odd, data.draw(st.sampled_from(places)), data.draw(ODD))
        before = rows()
        with undone():
            answer = send(odd)
            tally.count(f"{what} {json.dumps(odd)[:400]}", answer.status_code)
            assert not 400 <= answer.status_code < 500 or rows() == before, (
                f"refused, and something was kept: {what} {odd}"
            )

    with tally.listening():
        for what, good, send in found:

            @drawing(examples, same_below=100)
            @given(data=st.data(), request=st.just((what, good, send)))
            def some(data: st.DataObject, request: Request) -> None:
                one(*request, data)

            some()
    print(f"\n{requests.__name__}: {tally}")
    assert tally.faults == []
