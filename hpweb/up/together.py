"""The server and one runner, side by side, until someone ends them."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hpweb.up.console import Console
from hpweb.up.processes import GivenUp, Process

READY_WITHIN_S: Final = 60.0
SERVER_GRACE_S: Final = 8.0
RUNNER_GRACE_S: Final = 12.0


@dataclass(frozen=True)
class Stack:
    """Where everything is. `data` holds all state; `demo` shows the demo login on the login page."""

    root: Path
    data: Path
    host: str
    port: int
    token_file: Path
    demo: bool

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    def server_command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "uvicorn", "hpweb.asgi:application"),
            *("--host", self.host, "--port", str(self.port)),
            *("--lifespan", "on", "--ws", "websockets-sansio", "--no-access-log", "--log-level", "warning"),
            # Open sockets of browsers must not hold up the end.
            *("--timeout-graceful-shutdown", "3"),
        ]

    def server_env(self) -> dict[str, str]:
        return {**os.environ, "HPWEB_DATA": str(self.data), "HPWEB_DEMO": "1" if self.demo else "0"}

    def runner_command(self) -> list[str]:
        return [sys.executable, "-m", "runners.process"]

    def runner_env(self) -> dict[str, str]:
        """The runner's environment: what was set for it by hand counts, and the server's secrets are not in it."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("HPWEB_") or name.startswith(("HPWEB_RUNNER_", "HPWEB_MODEL_"))
        }
        inherited.pop("HPWEB_RUNNER_TOKEN", None)
        defaults = {"HPWEB_MODEL_ROOTS": str(self.data / "models"), "HF_HOME": str(self.data / "huggingface")}
        fixed = {
            "HPWEB_SERVER": self.address,
            "HPWEB_RUNNER_TOKEN_FILE": str(self.token_file),
            "HPWEB_RUNNER_HOME": str(self.data / "runner"),
        }
        return {**defaults, **inherited, **fixed}


async def run_together(stack: Stack, console: Console, when_ready: Callable[[], None]) -> int:
    """Run both until SIGINT or SIGTERM (0), or until one can't be kept alive (1). `when_ready` is called once."""
    server = Process(
        "server",
        stack.server_command(),
        env=stack.server_env(),
        cwd=stack.root,
        console=console,
        grace_s=SERVER_GRACE_S,
    )
    runner = Process(
        "runner",
        stack.runner_command(),
        env=stack.runner_env(),
        cwd=stack.root,
        console=console,
        grace_s=RUNNER_GRACE_S,
    )
    asked = asyncio.Event()
    signals = 0

    def end() -> None:
        nonlocal signals
        signals += 1
        asked.set()
        if signals > 1:
            runner.kill()
            server.kill()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, end)

    kept = {asyncio.create_task(server.keep_alive()), asyncio.create_task(runner.keep_alive())}
    watching = asyncio.create_task(_when_healthy(stack, when_ready))
    ending = asyncio.create_task(asked.wait())
    done, _ = await asyncio.wait({*kept, ending}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    if ending in done:
        console.line("hpweb", "Stopping …")
    # The runner first: it gives its job back to a server that still listens.
    await runner.stop()
    await server.stop()
    ending.cancel()
    results = await asyncio.gather(*(_cancelled(task) for task in kept), return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    for failure in failures:
        if not isinstance(failure, GivenUp):
            raise failure
        console.line("hpweb", str(failure))
    console.line("hpweb", "Stopped." if not failures else "Stopped, since hpweb can't go on.")
    return 1 if failures else 0


async def _cancelled(task: asyncio.Task[None]) -> None:
    """End a task that may be asleep between two starts; what it raised before is raised here."""
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _when_healthy(stack: Stack, when_ready: Callable[[], None]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if await is_healthy(stack.host, stack.port):
            when_ready()
            return
        await asyncio.sleep(0.1)


async def is_healthy(host: str, port: int) -> bool:
    """Whether the server answers 200 on /healthz within two seconds."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
