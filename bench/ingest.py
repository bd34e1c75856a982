"""Metric points accepted over HTTP and durable, a second: `python -m bench.ingest`.

A real server process (uvicorn, SQLite) in a temporary folder and one sender on the same machine. A point is one value
of one metric. Batches of 1,000 points, with one and with four metrics a step; then single events, one request each.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import django
import httpx

if TYPE_CHECKING:
    from tests.sweeps.talk import Talk

BATCHES = 60
POINTS = 1000
SINGLES = 200
METRICS = {"loss": 1.25, "eval_loss": 2.5, "learning_rate": 0.001, "grad_norm": 1.5}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hpweb-bench-") as folder:
        (Path(folder) / "static").mkdir()
        os.environ.update(HPWEB_DATA=folder, DJANGO_SETTINGS_MODULE="hpweb.settings")
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure()


def measure() -> None:
    from sweeps.models import Job
    from tests.factories import make_cast
    from tests.processes import free_port
    from tests.sweeps.talk import running_job

    talk = running_job(make_cast().team)
    talk.permits()
    runner = talk.job.runner
    assert runner is not None
    token = runner.new_token()
    runner.save()
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "hpweb.asgi:application", "--port", str(port), "--no-access-log"]
    server = subprocess.Popen([*command, "--log-level", "warning", "--lifespan", "on"])
    try:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            wait_for(http)

            def send(body: bytes) -> float:
                begin = time.perf_counter()
                answer = http.post(f"/api/runner/v1/jobs/{talk.job.public_id}/events", content=body)
                assert answer.status_code == 200, answer.text
                return time.perf_counter() - begin

            send(talk.body(talk.started(0)))
            for metrics in (1, 4):
                values = dict(list(METRICS.items())[:metrics])
                bodies = [batch(talk, POINTS // metrics, values) for _ in range(BATCHES)]
                times = [send(body) for body in bodies]
                rate = POINTS * BATCHES / sum(times)
                print(f"{metrics} a step: {rate:,.0f} points/s (median batch {statistics.median(times) * 1e3:.1f} ms)")
            times = [send(batch(talk, 1, {"loss": 1.0})) for _ in range(SINGLES)]
            print(f"one event a request: {1 / statistics.mean(times):,.0f} points/s")
            assert Job.objects.get(pk=talk.job.pk).acked_seq == talk.seq
    finally:
        server.terminate()
        server.wait()


def batch(talk: "Talk", events: int, values: dict[str, float]) -> bytes:
    """So many steps of trial 0, each with these metrics."""
    return talk.body(
        *(talk.event("metrics", number=0, attempt=1, step=step, epoch=0.5, values=values) for step in range(events))
    )


def wait_for(http: httpx.Client) -> None:
    for _ in range(200):
        try:
            if http.get("/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    main()
