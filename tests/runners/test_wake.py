"""Wake-ups by the file-system broker."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from runners.protocol.runner import WAKE_TASK
from runners.wake import send_wake
from sweeps.services.schedule import schedule
from tests.factories import Cast, make_runner
from tests.sweeps.talk import online_runner, queued_sweep


@pytest.fixture
def broker(settings: LazySettings, tmp_path: Path) -> Path:
    settings.BROKER_DIR = tmp_path / "broker"
    return tmp_path / "broker" / "messages"


def messages(broker: Path) -> list[tuple[str, dict[str, Any], Any]]:
    """(queue, headers, arguments) of each message."""
    found = []
    for file in sorted(broker.iterdir()):
        message = json.loads(file.read_text())
        args = json.loads(b64decode(message["body"]))[0]
        found.append((file.name.partition(".")[2].removesuffix(".msg"), message["headers"], args))
    return found


@pytest.mark.django_db
def test_an_offer_wakes_its_runner_once_it_is_committed(
    broker: Path, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    runner, token = online_runner()
    queued_sweep(cast.team)
    with django_capture_on_commit_callbacks(execute=True):
        (job,) = schedule()
        assert not broker.exists()
    ((queue, headers, args),) = messages(broker)
    assert (queue, headers["task"], args) == (runner.queue, WAKE_TASK, [job.public_id])
    assert headers["expires"] is not None
    text = "".join(file.read_text() for file in broker.iterdir())
    assert token not in text


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["filesystem://", "redis://127.0.0.1:1/0"])
def test_a_broker_that_is_away_stops_nobody(settings: LazySettings, tmp_path: Path, url: str) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.BROKER_DIR = tmp_path / "file"
    settings.BROKER_URL = url
    runner, _ = make_runner()
    assert send_wake(runner, "AAAAAAAAAAAA") is False
