"""Messages to the socket of a sweep's page: each is answered, and the page's own still is afterwards."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator

from sweeps.consumers import SweepConsumer
from tests.factories import Cast, make_cast
from tests.fuzz.world import NASTY
from tests.sweeps.talk import running_job

ODD: list[str] = [
    *(text.encode("utf-8", "replace").decode() for text in NASTY),
    *(json.dumps(value) for value in NASTY if "\ud800" not in value),
    *(f'{{"type": {value}}}' for value in ('"pong"', '"ping "', "null", "3", "[]", "{}", '"' + "x" * 5000 + '"')),
    *("[" * 3000, '{"type": "ping"', '{"type": "ping", "position": "x"}', "\ufeff{}", '{"a":' * 900),
]


def _world() -> tuple[Cast, str]:
    cast = make_cast()
    return cast, running_job(cast.team).sweep.public_id


@pytest.mark.django_db(transaction=True)
async def test_odd_messages() -> None:
    cast, sweep = await sync_to_async(_world)()
    scope = {"type": "websocket", "user": cast.bob, "url_route": {"kwargs": {"public_id": sweep}}}
    communicator: Any = ApplicationCommunicator
    page = communicator(SweepConsumer.as_asgi(), scope)

    async def answer() -> dict[str, Any]:
        told: dict[str, Any] = json.loads((await page.receive_output(timeout=10))["text"])
        return told

    await page.send_input({"type": "websocket.connect"})
    assert (await page.receive_output(timeout=10))["type"] == "websocket.accept"
    assert (await answer())["type"] == "hello"
    for text in ODD:
        await page.send_input({"type": "websocket.receive", "text": text})
        assert (await answer())["type"] in {"error", "pong"}
    for data in (b"\0", b"\xff" * 5000):
        await page.send_input({"type": "websocket.receive", "bytes": data})
        assert (await answer())["type"] == "error"
    await page.send_input({"type": "websocket.receive", "text": '{"type": "ping", "position": 0}'})
    assert (await answer())["type"] == "pong"
    await page.send_input({"type": "websocket.disconnect", "code": 1000})
    await page.wait()
