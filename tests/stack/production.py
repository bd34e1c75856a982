"""The production profile: two servers, Celery's worker and beat, a runner; the same code with other URLs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

from tests.processes import free_port
from tests.stack import Stack
from tests.stack.services import Services


class Production(Stack):
    """`address` is the first server's, which the runner talks to; `second` is the other one's."""

    def __init__(self, folder: Path, services: Services) -> None:
        super().__init__(
            folder,
            HPWEB_DATABASE_URL=services.database_url,
            HPWEB_BROKER_URL=services.broker_url,
            HPWEB_RUNNER_BROKER_URL=services.runner_broker_url,
            HPWEB_CHANNELS_URL=f"{services.bus_url}/0",
            HPWEB_TASKS_URL=f"{services.bus_url}/1",
        )
        self._services = services
        self.second_port = free_port()
        self.second = f"http://127.0.0.1:{self.second_port}"
        self._others: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.start_server()
        command = (
            *(sys.executable, "-m", "uvicorn", "hpweb.asgi:application", "--port", str(self.second_port)),
            *("--lifespan", "on", "--ws", "websockets-sansio", "--no-access-log", "--timeout-graceful-shutdown", "2"),
        )
        celery = (sys.executable, "-m", "celery", "-A", "hpweb.celery")
        self._others = [
            self._spawn(*command, env=self.env),
            self._spawn(*celery, "worker", "--pool", "threads", "--concurrency", "2", env=self.env),
            self._spawn(*celery, "beat", "--schedule", str(self.folder / "beat"), "--pidfile", "", env=self.env),
        ]
        self.start_runner()

    def stop(self) -> None:
        for process in self._others:
            process.terminate()
        super().stop()
        for process in self._others:
            process.wait(20)

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._services.database_url) as connection:
            return connection.execute(sql.replace("?", "%s").encode(), parameters).fetchall()
