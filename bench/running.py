"""The whole program in a temporary folder, for the measurements: server, broker, runner, with the embedded profile's settings."""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stack import Stack


@contextmanager
def running(**runner: str) -> Iterator[Stack]:
    """A stack whose runner is warm. `runner`: its environment."""
    with tempfile.TemporaryDirectory(prefix="hpweb-bench-") as folder:
        stack = Stack(Path(folder) / "stack")
        stack.env.pop("HPWEB_LEASE_S")
        stack.env.pop("HPWEB_HEARTBEAT_S")
        stack.runner_env.update(runner)
        try:
            stack.prepare()
            stack.start()
            stack.wait(lambda: "Ready to start children" in stack.log.read_text(), 60, "the runner does not get warm")
            yield stack
        finally:
            stack.stop()


def quiet(stack: Stack) -> None:
    """Wait until the runner has nothing left to do of the last sweep."""
    stack.wait(lambda: not any((stack.data / "runner" / "jobs").iterdir()), 30, "the last job is not tidied up")
    time.sleep(0.5)


def job_start(stack: Stack, sweep: str) -> float:
    """`time.monotonic()` when the sweep's job was claimed: what the events' `t` counts from."""
    query = "select j.public_id from sweeps_job j join sweeps_sweep s on j.sweep_id = s.id where s.public_id = ?"
    (job,) = stack.query(query, sweep)[-1]
    file = stack.data / "runner" / "jobs" / job / "start.json"
    stack.wait(file.exists, 10, f"{file} is not there")
    return float(json.loads(file.read_text())["t0"])


def seconds(values: Sequence[float]) -> str:
    """The median with the least and the greatest."""
    return f"{statistics.median(values):.2f} s ({min(values):.2f} to {max(values):.2f}, {len(values)} times)"


def first(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(event for event in events if event["type"] == kind)
