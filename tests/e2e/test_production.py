"""PostgreSQL, Redis, two servers, Celery beat: one sweep to its end, seen from the server that did not hear of it first."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from channels_redis.core import RedisChannelLayer
from websockets.sync.client import connect

from hpweb.layers import channel_layer
from tests.stack.production import Production
from tests.stack.services import Services

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with Services() as running:
        yield running


@pytest.fixture(scope="module")
def production(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    stack = Production(tmp_path_factory.mktemp("production"), services)
    try:
        stack.prepare()
        stack.start()
        yield stack
    finally:
        stack.stop()


def test_a_sweep_runs_to_its_end_and_the_other_server_tells_its_pages(production: Production) -> None:
    sweep = production.sweep("images", n_trials=3, arguments={"num_train_epochs": 1.0})
    messages = listen(production, sweep)
    snapshot = production.wait_finished(sweep)
    assert snapshot["sweep"]["state"] == "complete", snapshot["sweep"]["failure_message"]
    assert snapshot["sweep"]["counts"]["complete"] == 3
    assert snapshot["sweep"]["model"]["number"] == snapshot["sweep"]["best"]["number"]
    # Nothing was missed, and the last message brought the page to the last position.
    told = [message for message in messages if message["type"] == "changes"]
    assert [after["from"] for after in told[1:]] == [before["position"] for before in told[:-1]]
    assert told[-1]["position"] == snapshot["position"]
    assert told[-1]["sweep"]["state"] == "complete"


def listen(production: Production, sweep: str) -> list[dict[str, Any]]:
    """Everything that the second server sends about the sweep until its end."""
    cookie = f"sessionid={production.client().cookies['sessionid']}"
    url = f"ws://127.0.0.1:{production.second_port}/ws/sweeps/{sweep}/"
    headers = {"Cookie": cookie, "Origin": production.second}
    messages = []
    with connect(url, additional_headers=headers) as socket:
        while True:
            message = json.loads(socket.recv(timeout=120))
            messages.append(message)
            if message.get("sweep", {}).get("state") in {"complete", "fail", "cancelled"}:
                return messages


def test_a_page_that_hears_nothing_for_long_keeps_its_socket(services: Services) -> None:
    """The layer waits 5 s at a time, and a client that gives up after the same 5 s now and then closes the socket."""
    config = channel_layer(f"{services.bus_url}/2")["CONFIG"]

    async def hear_after_silence() -> object:
        layer = RedisChannelLayer(**config)
        pages = [await layer.new_channel() for _ in range(20)]
        heard = [asyncio.create_task(layer.receive(page)) for page in pages]
        await asyncio.sleep(11)
        for page in pages:
            await layer.send(page, {"type": "page.message", "text": page})
        return [message["text"] for message in await asyncio.gather(*heard)] == pages

    assert asyncio.run(hear_after_silence())


def test_a_runners_account_reads_its_queues_and_nothing_else(services: Services) -> None:
    runner = redis.Redis.from_url(services.runner_broker_url)
    runner.lpush("hpweb.runner.abc", "x")
    assert runner.rpop("hpweb.runner.abc") == b"x"
    for forbidden in (("GET", "something"), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("FLUSHALL",), ("ACL", "LIST")):
        with pytest.raises(redis.exceptions.NoPermissionError):
            runner.execute_command(*forbidden)  # type: ignore[no-untyped-call]  # redis leaves it untyped
    runner.close()


@pytest.mark.full
def test_killing_a_lease_is_the_timers_work(production: Production) -> None:
    """The worker and beat give a dead runner's job back, though no server process runs a timer."""
    sweep = production.sweep("images", n_trials=2)
    production.wait_trials(sweep, finished=1)
    production.kill_runner()
    state = (
        "select j.state from sweeps_job j join sweeps_sweep s on j.sweep_id = s.id where s.public_id = ? order by j.id"
    )
    production.wait(lambda: production.query(state, sweep)[0][0] == "lost", 30, "the lease is not given up")
    assert production.snapshot(sweep)["sweep"]["state"] == "queued"
    production.start_runner()
    snapshot = production.wait_finished(sweep)
    assert snapshot["sweep"]["counts"]["complete"] == 2
