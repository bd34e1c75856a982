"""A fake server on a real port, and runners against it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runners.process.cases import wait_for
from tests.runners.process.fake_server import FakeServer
from tests.runners.process.runner_process import RunnerProcess


def broker(folder: Path) -> dict[str, Any]:
    """URL and options of a file-system broker; what one side writes the other reads."""
    queue = folder / "broker"
    queue.mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.05,
        "store_processed": False,
    }
    return {"broker_url": "filesystem://", "broker_options": options}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeServer]:
    with FakeServer(**broker(tmp_path)).serving() as fake:
        yield fake


@pytest.fixture
def runner(server: FakeServer, tmp_path: Path) -> Iterator[RunnerProcess]:
    with RunnerProcess(server.url, tmp_path / "home") as process:
        yield process


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FakeServer, RunnerProcess]]:
    """One runner for tests that leave it as it was: (server, runner)."""
    folder = tmp_path_factory.mktemp("shared")
    # Heartbeats so rare that only wake-ups can explain a quick claim.
    with (
        FakeServer(**broker(folder), heartbeat_s=600.0).serving() as fake,
        RunnerProcess(fake.url, folder / "home", HPWEB_RUNNER_SLOTS="8") as process,
    ):
        wait_for(lambda: fake.heartbeats)
        yield fake, process
