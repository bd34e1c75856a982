"""A fake server on a real port, and runners against it."""

import pytest

from tests.runners.process.cases import wait_for
from tests.runners.process.fake_server import FakeServer
from tests.runners.process.runner_process import RunnerProcess


def broker(folder):
    """URL and options of a file-system broker; what one side writes the other reads."""
    queue = folder / "broker"
    queue.mkdir(exist_ok=True)
    return "filesystem://", {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.05,
        "store_processed": False,
    }


@pytest.fixture
def server(tmp_path):
    with FakeServer(*broker(tmp_path)).serving() as fake:
        yield fake


@pytest.fixture
def runner(server, tmp_path):
    with RunnerProcess(server.url, tmp_path / "home") as process:
        yield process


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One runner for tests that leave it as it was: (server, runner)."""
    folder = tmp_path_factory.mktemp("shared")
    # Heartbeats so rare that only wake-ups can explain a quick claim.
    with FakeServer(*broker(folder), heartbeat_s=600.0).serving() as fake:
        with RunnerProcess(fake.url, folder / "home", HPWEB_RUNNER_SLOTS="8") as process:
            wait_for(lambda: fake.heartbeats)
            yield fake, process
