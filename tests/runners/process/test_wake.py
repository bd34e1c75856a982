"""Wake-ups over Redis, which may go away and come back."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from celery import Celery

from runners.process.wake import WakeUps
from runners.protocol.runner import WAKE_TASK
from tests.processes import free_port
from tests.runners.process.cases import wait_for

QUEUE = "hpweb.runner.Runner000001"


@contextmanager
def redis_server(folder: Path, port: int) -> Iterator[None]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis(port=port) as client:
            wait_for(lambda: _answers(client), what="redis")
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


async def until(condition: list[str], length: int, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while len(condition) < length:
        assert time.monotonic() < deadline, condition
        await asyncio.sleep(0.01)


@pytest.mark.services
@pytest.mark.services
async def test_redis_may_go_away_and_come_back(tmp_path: Path) -> None:
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    heard: list[str] = []
    wake_ups = WakeUps(heard.append)
    sender = Celery("tests", broker=url, set_as_current=False)

    def send(job: str) -> None:
        sender.send_task(WAKE_TASK, args=[job], queue=QUEUE, ignore_result=True)

    try:
        with redis_server(tmp_path, port):
            wake_ups.listen(url, {}, QUEUE)
            send("Job000000001")
            await until(heard, 1)
            begun = time.monotonic()
            send("Job000000002")
            await until(heard, 2)
            assert time.monotonic() - begun < 1.0
            wake_ups.listen(url, {}, QUEUE)  # the same again changes nothing
        await asyncio.sleep(0.3)
        with redis_server(tmp_path, port):
            send("Job000000003")
            await until(heard, 3)
    finally:
        wake_ups.stop()
        sender.close()
    assert heard == ["Job000000001", "Job000000002", "Job000000003"]
