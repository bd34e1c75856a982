"""Many pages open on busy sweeps: `python -m bench.watch [--pages 200] [--sweeps 1] [--seconds 20]`.

A real server process; on each sweep 50 trials run and log 100 points a second together, in batches of 20 a second, as a
runner's supervisor sends them. Pages are sockets that read as a browser does. A point's step is a count of the sweep's own,
so each message tells when its newest point was sent. Clocks are this machine's; the senders and the readers share it.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import django
import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect

from bench.ingest import wait_for
from bench.latency import percentile

if TYPE_CHECKING:
    from tests.sweeps.talk import Talk

TRIALS: Final = 50
POINTS_A_SECOND: Final = 100
BATCHES_A_SECOND: Final = 20


class Page:
    """An open page: what it was told, and how late."""

    def __init__(self, public_id: str) -> None:
        self.public_id = public_id
        self.position = -1
        self.late: list[float] = []
        self.gaps = 0

    async def read(self, socket: ClientConnection, sent: dict[int, float]) -> None:
        async for text in socket:
            at = time.monotonic()
            message = json.loads(text)
            if message["type"] == "hello":
                self.position = message["position"]
            elif message["type"] == "changes":
                if message["from"] > self.position:
                    self.gaps += 1
                self.position = max(self.position, message["position"])
                steps = [step for points in message["points"] for step in points["step"]]
                if steps and max(steps) in sent:
                    self.late.append((at - sent[max(steps)]) * 1000)


async def log(talk: "Talk", http: httpx.AsyncClient, token: str, sent: dict[int, float], until: float) -> int:
    """Send a sweep's points until then; how many."""
    step = 1
    begin = time.monotonic()
    while (now := time.monotonic()) < until:
        # What has come together since the last batch, as in a supervisor whose server takes its time.
        due = int((now - begin) * POINTS_A_SECOND) + 1
        if due >= step:
            events = [talk.metrics(at % TRIALS, at, loss=1 / at) for at in range(step, due + 1)]
            sent.update(dict.fromkeys(range(step, due + 1), now))
            step = due + 1
            url, headers = f"/api/runner/v1/jobs/{talk.job.public_id}/events", {"Authorization": f"Bearer {token}"}
            answer = await http.post(url, content=talk.body(*events), headers=headers)
            answer.raise_for_status()
        await asyncio.sleep(max(0.0, now + 1 / BATCHES_A_SECOND - time.monotonic()))
    return step - 1


async def watch(
    address: str, talks: dict[str, "Talk"], tokens: dict[str, str], cookie: str, asked: argparse.Namespace
) -> None:
    process = psutil.Process(asked.server)
    ids = list(talks)
    sent: dict[str, dict[int, float]] = {public_id: {} for public_id in ids}
    pages = [Page(ids[i % len(ids)]) for i in range(asked.pages)]
    sockets = []
    for page in pages:
        url = f"{address.replace('http', 'ws')}/ws/sweeps/{page.public_id}/"
        headers = {"Origin": address, "Cookie": f"sessionid={cookie}"}
        sockets.append(await connect(url, additional_headers=headers, compression=None, max_queue=None))
    readers = [
        asyncio.create_task(page.read(socket, sent[page.public_id]))
        for page, socket in zip(pages, sockets, strict=True)
    ]
    before = process.cpu_times()
    begin = time.monotonic()
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits) as http:
        counts = await asyncio.gather(
            *(
                log(talk, http, tokens[public_id], sent[public_id], begin + asked.seconds)
                for public_id, talk in talks.items()
            )
        )
    took = time.monotonic() - begin
    after = process.cpu_times()
    await asyncio.sleep(3)
    last = await asyncio.to_thread(positions, ids)
    ended = sum(page.position == last[page.public_id] for page in pages)
    for reader, socket in zip(readers, sockets, strict=True):
        reader.cancel()
        await socket.close()
    late = [each for page in pages for each in page.late]
    cores = (after.user + after.system - before.user - before.system) / took
    print(
        f"{asked.pages} pages on {len(ids)} sweeps, {sum(counts) / took:.0f} points a second, "
        f"{len(late) / took:.0f} messages a second: "
        f"median {percentile(late, 0.5):.0f} ms, p95 {percentile(late, 0.95):.0f} ms, longest {max(late):.0f} ms; "
        f"{ended} of {asked.pages} pages end on the last position, {sum(page.gaps for page in pages)} gaps; "
        f"server {cores:.2f} cores"
    )


def positions(ids: list[str]) -> dict[str, int]:
    from django.db import connection

    from sweeps.models import Sweep

    connection.close()
    return dict(Sweep.objects.filter(public_id__in=ids).values_list("public_id", "position"))


def prepare(count: int) -> tuple[dict[str, "Talk"], dict[str, str], str]:
    """By public id, sweeps whose 50 trials run, and their runners' tokens; a member's session."""
    from django.test import Client

    from sweeps.models import Job
    from sweeps.services.schedule import schedule
    from tests.factories import make_cast
    from tests.sweeps.talk import Talk, online_runner, queued_sweep

    team = make_cast()
    talks: dict[str, Talk] = {}
    tokens: dict[str, str] = {}
    for _ in range(count):
        _, token = online_runner()
        sweep = queued_sweep(team.team, TRIALS)
        schedule()
        talk = Talk(Job.objects.select_related("runner").get(sweep=sweep))
        talk.claim()
        talk.permits(count=TRIALS)
        talk.send(*(talk.started(number) for number in range(TRIALS)))
        talks[sweep.public_id] = talk
        tokens[sweep.public_id] = token
    client = Client()
    client.force_login(team.alice)
    return talks, tokens, client.cookies["sessionid"].value


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.watch")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--sweeps", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20)
    asked: Any = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hpweb-bench-") as folder:
        (Path(folder) / "static").mkdir()
        os.environ.update(HPWEB_DATA=folder, DJANGO_SETTINGS_MODULE="hpweb.settings", HPWEB_LEASE_S="600")
        django.setup()
        from django.core.management import call_command

        from tests.processes import free_port

        call_command("migrate", verbosity=0)
        talks, tokens, cookie = prepare(asked.sweeps)
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "hpweb.asgi:application", "--port", str(port), "--no-access-log"]
        server = subprocess.Popen([*command, "--log-level", "warning", "--lifespan", "on", "--ws", "websockets-sansio"])
        asked.server = server.pid
        try:
            address = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=address, timeout=30) as http:
                wait_for(http)
            asyncio.run(watch(address, talks, tokens, cookie, asked))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
