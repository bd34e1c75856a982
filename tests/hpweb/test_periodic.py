"""Periodic work inside the server process, and the life of that process."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.db import OperationalError, connections
from django.utils import timezone

from hpweb.lifespan import lifespan
from hpweb.periodic import tick_for_ever
from sweeps.broadcast import Outbox
from sweeps.models import Job
from sweeps.services import timer as timer_module
from sweeps.services.timer import Timer
from tests.factories import Cast, make_cast
from tests.sweeps.talk import online_runner, queued_sweep, running_job


@pytest.mark.django_db
class TestTimer:
    def test_the_first_tick_loses_nobody(self, cast: Cast) -> None:
        talk = running_job(cast.team)
        Job.objects.update(lease_until=timezone.now() - timedelta(days=1))
        timer = Timer()
        timer.tick()
        assert talk.fresh().state == "running"
        Job.objects.update(lease_until=timezone.now() - timedelta(days=1))
        timer.tick()
        assert talk.fresh().state == "lost"

    def test_after_the_database_was_away_each_lease_begins_anew(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        talk = running_job(cast.team)
        timer = Timer()
        timer.tick()

        def away() -> None:
            raise OperationalError("gone")

        with monkeypatch.context() as patch:
            patch.setattr(timer_module, "schedule", away)
            with pytest.raises(OperationalError):
                timer.tick()
        Job.objects.update(lease_until=timezone.now() - timedelta(days=1))
        timer.tick()
        assert talk.fresh().state == "running"

    def test_a_tick_with_nothing_to_do_writes_nothing(self, cast: Cast, django_assert_max_num_queries: Any) -> None:
        timer = Timer()
        timer.tick()
        with django_assert_max_num_queries(6) as queries:
            timer.tick()
        assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


def outbox() -> Outbox | None:
    """What it is now: a type checker takes an attribute for what it was last seen to be."""
    return Outbox.current


@pytest.mark.django_db(transaction=True)
async def test_a_server_process_schedules_by_itself(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path

    def prepare() -> None:
        queued_sweep(make_cast().team)
        online_runner()

    await sync_to_async(prepare)()
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message["type"])

    life = asyncio.create_task(lifespan({}, inbox.get, send))
    await inbox.put({"type": "lifespan.startup"})
    for _ in range(100):
        if await Job.objects.acount():
            break
        await asyncio.sleep(0.05)
    assert await Job.objects.acount() == 1
    assert outbox() is not None
    # A second process that shares the folder waits for its turn.
    second = asyncio.create_task(tick_for_ever())
    await asyncio.sleep(0.1)
    second.cancel()
    await inbox.put({"type": "lifespan.shutdown"})
    await life
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert outbox() is None
    # The thread that the database calls above went through keeps its connection otherwise.
    await sync_to_async(connections.close_all)()
