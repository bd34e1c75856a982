"""The whole program, to be broken: a runner with witnessed children behind a proxy, and ways to look at what is left."""

import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import psutil
import psycopg

from tests.chaos import witness
from tests.chaos.proxy import Proxy
from tests.stack import FINISHED, Stack
from tests.stack.services import Services

MARK: Final = "CHAOS_STAGE"
LEASE_S: Final = 10.0
DISK_MIB: Final = 400
LARGE: Final = "Line of a large batch"
LARGE_LINES: Final = 1330
"""They have ten mebibytes and a little more."""
CHOSEN: Final = 200
"""Curves that the page may ask for at a time."""
GRID: Final = 6
"""How many points the grid of `drafts` has."""
Rows = list[tuple[int, dict[str, float]]]
"""A curve: (step, values)."""
_AWAY: Final = (sqlite3.OperationalError, psycopg.Error)


class Stage(Stack):
    """Embedded: SQLite and a folder as broker; with `services`, PostgreSQL and Redis.

    `n_trials` of each sweep, `steps` of each trial. `special`: the server's data and the runner's home are small disks of
    their own, which needs root on Linux, and the runner's clock can be set, which needs a C compiler.
    """

    def __init__(
        self,
        folder: Path,
        services: Services | None = None,
        *,
        n_trials: int = GRID,
        steps: int = 24,
        special: bool = False,
        **variables: str,
    ) -> None:
        self.mark = secrets.token_hex(8)
        self.services = services
        self.n_trials, self.steps, self.special = n_trials, steps, special
        if services:
            variables |= {
                "HPWEB_DATABASE_URL": services.database_url,
                "HPWEB_BROKER_URL": services.broker_url,
                "HPWEB_RUNNER_BROKER_URL": services.runner_broker_url,
                "HPWEB_CHANNELS_URL": f"{services.bus_url}/0",
            }
        super().__init__(folder, **{MARK: self.mark}, **variables)
        # Long enough that a busy machine does not miss it.
        self.env["HPWEB_LEASE_S"] = str(LEASE_S)
        self.env["HPWEB_RESERVE_MB"] = "1"
        self.proxy = Proxy(self.port)
        self.home = folder / "runner"
        self.witnessed = folder / "witnessed"
        self.clock = folder / "clock"
        self.lost_at = 0.0
        """When the last fault happened, on the monotonic clock."""
        self._drafts: dict[tuple[str, int], list[str]] = {}

    @property
    def lines(self) -> int:
        """What the Trainer logs in one trial: a loss every two steps, an evaluation every four, and a summary."""
        return self.steps // 2 + self.steps // 4 + 1

    @property
    def name(self) -> str:
        return "postgresql" if self.services else "special" if self.special else "sqlite"

    def prepare(self) -> None:
        for place in (self.data, self.home, self.witnessed):
            place.mkdir(parents=True)
        if self.special:
            for place in (self.data, self.home):
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "chaos", place], check=True)
            shim = (
                "cc",
                "-O2",
                "-shared",
                "-fPIC",
                "-o",
                self.folder / "clock.so",
                Path(__file__).with_name("clock.c"),
            )
            subprocess.run([*shim, "-ldl"], check=True)
            self.set_clock(0)
        super().prepare()

    def stop(self) -> None:
        super().stop()
        self.proxy.close()
        for place in (self.data, self.home) if self.special else ():
            subprocess.run(["umount", "-l", place], check=False)

    def set_clock(self, seconds: int) -> None:
        """The runner's time of day is off by so much from now on."""
        self.clock.write_text(f"{seconds}\n")

    def runner_command(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "tests.chaos.witness")

    def runner_environment(self) -> dict[str, str]:
        return super().runner_environment() | {
            "HPWEB_SERVER": self.proxy.address,
            "HPWEB_RUNNER_HOME": str(self.home),
            witness.VARIABLE: str(self.witnessed),
            MARK: self.mark,
            **({"LD_PRELOAD": str(self.folder / "clock.so"), "CHAOS_CLOCK": str(self.clock)} if self.special else {}),
        }

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        if not self.services:
            return super().query(sql, *parameters)
        with psycopg.connect(self.services.database_url) as connection:
            return connection.execute(sql.replace("?", "%s").encode(), parameters).fetchall()

    # Sweeps

    def begin_sweep(self, kind: str, saved: int = 0) -> str:
        """Start one of the sweeps of `drafts`, with a checkpoint every `saved` steps; its public id."""
        if not self._drafts.get((kind, saved)):
            arguments = (kind, "20", str(self.n_trials), str(self.steps), str(saved))
            self._drafts[kind, saved] = self.run("tests.chaos.drafts", *arguments)
        sweep = self._drafts[kind, saved].pop()
        answer = self.client().post(f"/api/v1/sweeps/{sweep}/start/")
        assert answer.status_code == 200, answer.text
        return sweep

    def state(self, sweep: str) -> str | None:
        """The sweep's state, None while the database is away."""
        try:
            return str(self.query("select state from sweeps_sweep where public_id = ?", sweep)[0][0])
        except _AWAY:
            return None

    def wait_over(self, sweep: str, seconds: float) -> None:
        """Wait until the sweep has ended and the runner has nothing left to tell of it."""
        self.wait(lambda: self.state(sweep) in FINISHED, seconds, f"{sweep} does not end")
        self.wait(
            lambda: not any((self.home / "jobs").iterdir()), 90, f"the runner does not put the jobs of {sweep} away"
        )

    def curve(self, sweep: str, number: int, attempt: int) -> Rows | None:
        """The committed rows of an attempt, what it has from an earlier one included; None while the database is away."""
        try:
            chunks = self.query(
                "select c.data from sweeps_metricchunk c join sweeps_attempt a on c.attempt_id = a.id"
                " join sweeps_trial t on a.trial_id = t.id join sweeps_sweep s on t.sweep_id = s.id"
                ' where s.public_id = ? and t.number = ? and a."index" = ? order by c.first_seq',
                *(sweep, number, attempt),
            )
        except _AWAY:
            return None
        return rows_of(chunks)

    def logged(self, sweep: str) -> list[dict[str, Any]]:
        """What the Trainer logged, child by child, in order, as its witness wrote it down. A torn last line is left out."""
        lines = []
        for file in sorted(self.witnessed.glob(f"{sweep}-*.jsonl"), key=lambda file: file.stat().st_ctime):
            lines += [json.loads(line) for line in file.read_bytes().split(b"\n")[:-1]]
        return sorted(lines, key=lambda line: float(line["at"]))

    # Processes

    def family(self) -> list[psutil.Process]:
        """The supervisor, its fork server, and their children, parents first."""
        if self.runner is None or self.runner.poll() is not None:
            return []
        supervisor = psutil.Process(self.runner.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def lost_now(self) -> None:
        """Nothing that a fault has ended is alive any more."""
        self.lost_at = time.monotonic()

    def fork_server(self) -> psutil.Process | None:
        return next(
            (process for process in self.family()[1:] if "runners.process.forkserver" in _command(process)), None
        )

    def training(self) -> list[psutil.Process]:
        """The children that train now."""
        server = self.fork_server()
        return server.children() if server else []

    def kill_all_of_runner(self) -> None:
        """SIGKILL to the supervisor, the fork server and the children, and wait for their end."""
        family = self.family()
        for process in family:
            process.kill()
        if self.runner:
            self.runner.wait()
        psutil.wait_procs(family[1:], timeout=10)

    def strays(self) -> list[str]:
        """Processes of this stage that nothing accounts for."""
        known = {os.getpid(), *(process.pid for process in (self.server, self.runner) if process)}
        if server := self.fork_server():
            known.add(server.pid)
        return [f"{pid} {command}" for pid, command in _marked(self.mark) if pid not in known]

    def wait_settled(self, seconds: float = 15) -> list[str]:
        """Give children that were told to end some time; what is left then."""
        deadline = time.monotonic() + seconds
        while (strays := self.strays()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return strays

    def chosen(self, sweep: str, metric: str, numbers: list[int]) -> dict[int, list[float]]:
        """The curves of chosen trials, as the page asks for them."""
        found: dict[int, list[float]] = {}
        for place in range(0, len(numbers), CHOSEN):
            asked = {"metric": metric, "trials": ",".join(map(str, numbers[place : place + CHOSEN]))}
            answer = self.client().get(f"/api/v1/sweeps/{sweep}/curves/", params=asked)
            assert answer.status_code == 200, answer.text
            found |= {int(number): curve["value"] for number, curve in answer.json()["curves"].items()}
        return found

    def page(self, sweep: str) -> dict[str, Any]:
        """The snapshot, asked for until the server answers."""

        def there() -> dict[str, Any] | None:
            try:
                return self.snapshot(sweep)
            except (httpx.TransportError, AssertionError):
                return None

        return self.wait(there, 30, "the page does not come")


def rows_of(chunks: list[tuple[Any, ...]]) -> Rows:
    """The rows in chunks as they are stored."""
    rows: Rows = []
    for data in (plain(chunk) for (chunk,) in chunks):
        for place, step in enumerate(data["step"]):
            values = {name: column[place] for name, column in data["values"].items() if column[place] is not None}
            rows.append((step, values))
    return rows


def plain(value: Any) -> Any:
    """SQLite gives text where PostgreSQL gives the thing itself."""
    return json.loads(value) if isinstance(value, str) else value


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _marked(mark: str) -> Iterator[tuple[int, str]]:
    """Living processes that were started with that mark in their environment, or forked from such."""
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                yield process.pid, " ".join(process.cmdline())
        except (psutil.Error, OSError):
            continue
