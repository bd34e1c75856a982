"""Jobs that an earlier process left behind, and a server that goes away while they are told of."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from runners.process import supervisor
from runners.process.client import ServerClient
from runners.process.folder import JobFolder
from runners.process.forkserver.handle import ForkServerHandle
from runners.process.home import Home
from runners.process.jobs import leftovers
from runners.process.settings import RunnerSettings


async def recovering(path: Path, monkeypatch: pytest.MonkeyPatch, recover: Callable[[JobFolder], None]) -> list[str]:
    """Recover the jobs `a` and `b`, left in that home; the names in the order in which they had a turn."""
    home, turns = Home(path), []
    lock = home.lock()
    for name in ("a", "b"):
        home.job(name).path.mkdir()

    async def turn(_home: Home, _client: ServerClient, folder: JobFolder, _bad: Any) -> None:
        turns.append(folder.path.name)
        recover(folder)

    monkeypatch.setattr(leftovers, "recover", turn)
    monkeypatch.setattr(leftovers, "AGAIN_S", 0.01)
    settings = RunnerSettings(server="http://127.0.0.1:9", runner_token=SecretStr("word"), runner_home=path)
    client = ServerClient(settings.server, settings.token())
    await supervisor.Supervisor(settings, home, client, ForkServerHandle(bare=True))._recover()
    await client.aclose()
    lock.release()
    return sorted(turns[:2]) + turns[2:]


async def test_what_could_not_be_told_is_told_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"a": 2, "b": 0}

    def recover(folder: JobFolder) -> None:
        away[folder.path.name] -= 1
        if away[folder.path.name] < 0:
            folder.path.rmdir()

    assert await recovering(tmp_path / "home", monkeypatch, recover) == ["a", "b", "a", "a"]


async def test_what_cannot_be_read_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def recover(folder: JobFolder) -> None:
        raise ValueError("not a journal")

    assert await recovering(tmp_path / "home", monkeypatch, recover) == ["a", "b"]
