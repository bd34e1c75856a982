"""The whole program on free ports and in a folder of its own: server, broker, runner. Nothing is replaced."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import psutil

from tests.processes import ROOT, clean_env, free_port

Found = TypeVar("Found")
FINISHED: Final = ("complete", "fail", "cancelled")
LOGIN: Final = {"login": "demo@hpweb.example", "password": "demo-sweeps"}


class Stack:
    """Start with `start`, end with `stop`; in between any process may be killed and started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.temporary = folder / "tmp"
        """The runner's folder of temporary files."""
        self.runner_env: dict[str, str] = {}
        self.log = folder / "log"
        self.env = clean_env(
            HPWEB_DATA=str(self.data), HPWEB_DEMO="1", HPWEB_LEASE_S="6", HPWEB_HEARTBEAT_S="1", **variables
        )
        self.server: subprocess.Popen[bytes] | None = None
        self.runner: subprocess.Popen[bytes] | None = None
        self._client: httpx.Client | None = None

    # Processes

    def prepare(self) -> None:
        """Database, static files, the demo's library, a runner's token."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.run("tests.stack.prepare")

    def start(self) -> None:
        self.start_server()
        self.start_runner()

    def start_server(self) -> None:
        """Start the server and wait until it answers."""
        command = (
            *(sys.executable, "-m", "uvicorn", "hpweb.asgi:application", "--port", str(self.port)),
            *("--lifespan", "on", "--ws", "websockets-sansio", "--no-access-log", "--timeout-graceful-shutdown", "2"),
        )
        self.server = self._spawn(*command, env=self.env)
        self.wait(self.is_healthy, 90, "the server does not answer")

    def start_runner(self) -> None:
        """Start the runner and wait until the server sees it online."""
        known = self.query("select instance from runners_runner")
        self.runner = self._spawn(*self.runner_command(), env=self.runner_environment())
        query = "select count(*) from runners_runner where state = 'online' and instance <> ?"
        self.wait(lambda: self.query(query, known[0][0])[0][0], 120, "the runner does not come online")

    def runner_command(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "runners.process")

    def runner_environment(self) -> dict[str, str]:
        return clean_env(
            HPWEB_SERVER=self.address,
            HPWEB_RUNNER_TOKEN_FILE=str(self.data / "runner-token"),
            HPWEB_RUNNER_HOME=str(self.data / "runner"),
            HF_HUB_OFFLINE="1",
            TMPDIR=str(self.temporary),
            **self.runner_env,
        )

    def stop(self) -> None:
        if self._client:
            self._client.close()
        for process in (self.runner, self.server):
            if process and process.poll() is None:
                process.terminate()
        for process in (self.runner, self.server):
            if process:
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def heal(self) -> None:
        """Start again what has been killed."""
        if self.server is None or self.server.poll() is not None:
            self.start_server()
        if self.runner is None or self.runner.poll() is not None:
            self.start_runner()

    def cancel_all(self) -> None:
        """End what a failed test has left running, so that the next one need not wait for the runner."""
        unfinished = "select public_id from sweeps_sweep where state in ('queued', 'running')"
        for (sweep,) in self.query(unfinished):
            self.client().post(f"/api/v1/sweeps/{sweep}/cancel/")
            self.wait_finished(sweep, 30)

    def kill_server(self) -> None:
        """SIGKILL."""
        assert self.server is not None
        self.server.kill()
        self.server.wait()

    def kill_runner(self) -> None:
        """SIGKILL to the supervisor; its fork server and children end with it."""
        assert self.runner is not None
        family = psutil.Process(self.runner.pid).children(recursive=True)
        self.runner.kill()
        self.runner.wait()
        _, alive = psutil.wait_procs(family, timeout=10)
        assert alive == [], "processes outlived the runner"

    def kill_child(self, sweep: str) -> int:
        """SIGKILL to the newest training process of a sweep; its pid."""
        pid = self.child(sweep)
        os.kill(pid, signal.SIGKILL)
        return pid

    def child(self, sweep: str) -> int:
        """The pid of the newest training process that the sweep's journal names."""
        started = [event for event in self.events(sweep) if event["type"] == "child_started"]
        return int(started[-1]["pid"])

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"{self.address}/healthz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    # What the program knows

    def run(self, module: str, *arguments: str) -> Any:
        """Run a module of the tests as the server's own program, in the stack's data folder; what it printed, from JSON."""
        env = {**self.env, "DJANGO_SETTINGS_MODULE": "hpweb.settings"}
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, check=False, cwd=ROOT, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout) if done.stdout.strip() else None

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Read the database, past the program."""
        connection = sqlite3.connect(f"file:{self.data / 'hpweb.sqlite3'}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def events(self, sweep: str) -> list[dict[str, Any]]:
        """Every event of the sweep that the server has committed, job by job, in order."""
        import zlib

        rows = self.query(
            "select b.payload from sweeps_journalbatch b join sweeps_job j on b.job_id = j.id join sweeps_sweep s on j.sweep_id = s.id"
            " where s.public_id = ? order by j.id, b.first_seq",
            sweep,
        )
        return [event for (payload,) in rows for event in json.loads(zlib.decompress(payload))]

    def sweep(self, kind: str, **changes: Any) -> str:
        """Make a sweep from the demo's text or image sweep with other settings, and start it; its public id."""
        return str(self.run("tests.stack.make_sweep", kind, json.dumps(changes)))

    def client(self) -> httpx.Client:
        """A signed-in member of the demo team. Requests that change something carry the CSRF token by themselves."""
        if self._client is None or self._client.is_closed:
            client = httpx.Client(base_url=self.address, timeout=30)
            client.get("/login/")
            answer = client.post("/login/", data={**LOGIN, "csrfmiddlewaretoken": client.cookies["csrftoken"]})
            assert answer.status_code == 302
            assert "sessionid" in client.cookies
            client.headers["Referer"] = self.address
            client.event_hooks["request"] = [
                lambda request: request.headers.__setitem__("X-CSRFToken", client.cookies.get("csrftoken") or "")
            ]
            self._client = client
        return self._client

    def snapshot(self, sweep: str) -> dict[str, Any]:
        answer = self.client().get(f"/api/v1/sweeps/{sweep}/snapshot/")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait_finished(self, sweep: str, seconds: float = 120) -> dict[str, Any]:
        """Wait for the sweep's end; its last snapshot."""

        def finished() -> dict[str, Any] | None:
            snapshot = self.snapshot(sweep)
            return snapshot if snapshot["sweep"]["state"] in FINISHED else None

        return self.wait(finished, seconds, "the sweep does not end")

    def wait_trials(self, sweep: str, finished: int, seconds: float = 90) -> None:
        """Wait until so many trials have ended and the next one has logged something."""

        def there() -> bool:
            snapshot = self.snapshot(sweep)
            running = [str(trial["number"]) for trial in snapshot["trials"] if trial["state"] == "running"]
            return snapshot["sweep"]["counted"] >= finished and any(number in snapshot["curves"] for number in running)

        self.wait(there, seconds, f"trial {finished} does not run")

    def wait_trials_of(self, sweep: str, finished: int, seconds: float = 60) -> dict[str, Any]:
        """Wait until so many trials of a sweep have ended, whatever becomes of the sweep; a snapshot."""

        def there() -> dict[str, Any] | None:
            snapshot = self.snapshot(sweep)
            return snapshot if snapshot["sweep"]["counted"] >= finished else None

        return self.wait(there, seconds, f"the sweep does not get {finished} trials")

    def wait(self, look: Callable[[], Found | None], seconds: float, complaint: str) -> Found:
        """Look until something is found. AssertionError with the end of the processes' output when time is over."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < deadline, f"{complaint}\n{self.tail()}"
            time.sleep(0.1)
        return found

    def tail(self) -> str:
        """The end of what the processes said."""
        return self.log.read_text(errors="replace")[-5000:] if self.log.exists() else ""

    def _spawn(self, *command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
