"""PostgreSQL and Redis from Debian's packages, on free ports of 127.0.0.1, in a temporary folder, gone afterwards."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
import redis

from tests.processes import ROOT, free_port

PASSWORDS: Final = {"BROKER_SERVER_PASSWORD": "server-word", "BROKER_RUNNER_PASSWORD": "runner-word"}


def postgres_folder() -> Path:
    """Where PostgreSQL's programs are: on PATH, or where Debian puts them."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def broker_accounts() -> list[str]:
    """The Redis options that compose.yaml gives the broker, with passwords: the file is what is tested."""
    text = (ROOT / "compose.yaml").read_text()
    accounts = re.findall(r"^ {6}- ((?:default|server|runner) o(?:n|ff).*)$", text, flags=re.MULTILINE)
    assert len(accounts) == 3, accounts
    options = []
    for account in accounts:
        for name, password in PASSWORDS.items():
            account = account.replace(f"${{{name}:?}}", password)  # noqa: PLW2901  the same account, filled in
        options += ["--user", *account.split()]
    return options


class Services:
    """`database_url`, `broker_url` and `runner_broker_url` (the accounts of compose.yaml), `bus_url`."""

    def __enter__(self) -> Self:
        # Not below pytest's folder, which only its owner may enter: PostgreSQL refuses to run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="hpweb-services-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        self._commands: list[tuple[list[str | Path], str | None]] = []
        try:
            self._start_postgres()
            broker, bus = self._start_redis(broker_accounts()), self._start_redis([])
        except BaseException:
            self._end()
            raise
        server, runner = PASSWORDS.values()
        self.broker_url = f"redis://server:{server}@127.0.0.1:{broker}/0"
        self.runner_broker_url = f"redis://runner:{runner}@127.0.0.1:{broker}/0"
        self.bus_url = f"redis://127.0.0.1:{bus}"
        _wait(_pinged(self.broker_url))
        _wait(_pinged(self.bus_url))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for process in self._processes:
            # PostgreSQL: SIGINT is a fast shutdown, SIGTERM would wait for its clients.
            process.send_signal(2)
        for process in self._processes:
            process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_postgres(self) -> None:
        bin_folder, data, port = postgres_folder(), self.folder / "postgres", free_port()
        data.mkdir()
        user = None
        if os.geteuid() == 0:
            user = "postgres" if _exists("postgres") else "nobody"
            shutil.chown(self.folder, user)
            shutil.chown(data, user)
        subprocess.run(
            [
                bin_folder / "initdb",
                "-D",
                data,
                "-U",
                "hpweb",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale",
                "C",
                "--no-sync",
            ],
            check=True,
            user=user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        options = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", "fsync": "off"}
        command: list[str | Path] = [
            bin_folder / "postgres",
            "-D",
            data,
            *(f"--{name}={value}" for name, value in options.items()),
        ]
        self._run(command, user)
        base = f"postgres://hpweb@127.0.0.1:{port}"
        self.database_url = f"{base}/hpweb"
        _wait(lambda: _create_database(f"{base}/postgres"))

    def _start_redis(self, options: list[str]) -> int:
        port = free_port()
        self._run(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", *options])
        return port

    def _run(self, command: list[str | Path], user: str | None = None) -> None:
        self._commands.append((command, user))
        self._processes.append(self._popen(command, user))

    def _popen(self, command: list[str | Path], user: str | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, user=user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    # PostgreSQL is started first, then the broker's Redis, then the bus's.

    def restart_postgres(self, *, crash: bool) -> None:
        """End it, at once and without a checkpoint if it is to `crash`, and start it on the same files and port."""
        self._restart(0, signal.SIGQUIT if crash else signal.SIGINT)
        _wait(lambda: _answers(self.database_url))

    def restart_redis(self) -> None:
        """SIGKILL both; they come back empty, on the same ports."""
        for place in (1, 2):
            self._restart(place, signal.SIGKILL)
        for url in (self.broker_url, self.bus_url):
            _wait(_pinged(url))

    def flush_redis(self) -> None:
        """Wake-ups, bindings of queues, groups of pages: everything is gone."""
        for url in (self.broker_url, self.bus_url):
            with redis.Redis.from_url(url) as client:
                client.flushall()

    def _restart(self, place: int, number: int) -> None:
        self._processes[place].send_signal(number)
        self._processes[place].wait(20)
        self._processes[place] = self._popen(*self._commands[place])


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _create_database(url: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create database hpweb")
    return True


def _pinged(url: str) -> Callable[[], bool]:
    return lambda: bool(redis.Redis.from_url(url).ping())


def _answers(url: str) -> bool:
    psycopg.connect(url).close()
    return True


def _wait(attempt: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if attempt():
                return
        except (psycopg.OperationalError, redis.RedisError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
