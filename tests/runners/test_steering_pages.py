"""Registering and steering a runner in the browser."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from runners.models import Runner, RunnerSample, hash_token
from tests.factories import Cast
from tests.sweeps.talk import online_runner

pytestmark = pytest.mark.django_db


def test_from_the_form_to_the_lines_to_paste_and_the_first_sign(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    assert "everybody" not in client.get("/runners/new/").content.decode()
    refused = client.post("/runners/new/", {"name": "gpu-1", "labels": "no/label"})
    assert (refused.status_code, "is no label" in refused.content.decode()) == (422, True)
    page = client.post("/runners/new/", {"name": "gpu-1", "labels": "Lab a100"}, follow=True).content.decode()
    tokens = set(re.findall(r"hpr_[\w-]+", page))
    runner = Runner.objects.get()
    assert {hash_token(token) for token in tokens} == {runner.token_hash}
    assert (runner.labels, list(runner.teams.all())) == (["a100", "lab"], [cast.team])
    for text in (
        "docker run",
        "python -m runners.process",
        "HPWEB_SERVER=http://testserver",
        "Waiting for its first sign",
    ):
        assert text in page
    again = client.get(f"/runners/{runner.public_id}/").content.decode()
    assert "hpr_" not in again, "it is shown once"
    Runner.objects.update(last_seen=timezone.now(), state="online")
    assert "Waiting for its first sign" not in client.get(f"/runners/{runner.public_id}/").content.decode()


def test_acts_and_who_may(client: Client, cast: Cast) -> None:
    runner, _ = online_runner()
    runner.teams.add(cast.team)
    path = f"/runners/{runner.public_id}/"

    def state() -> tuple[str, str]:
        runner.refresh_from_db()
        return runner.state, runner.leave

    for user, code in ((cast.bob, 403), (cast.vera, 403), (cast.charlie, 404)):
        client.force_login(user)
        assert client.post(f"{path}act/", {"verb": "pause"}).status_code == code
    client.force_login(cast.bob)
    assert "Steer it" not in client.get(path).content.decode()
    assert client.get("/runners/new/").status_code == 403
    client.force_login(cast.alice)
    assert "drains: its trials leave at their next checkpoint" in _said(client, path, "drain-checkpoint")
    assert state() == ("draining", "checkpoint")
    assert "takes part again" in _said(client, path, "resume")
    client.post("/runners/bulk/", {"verb": "pause", "runner": [runner.public_id]})
    assert state() == ("paused", "")
    client.post(f"{path}edit/", {"labels": "fast", "slots_limit": "0"})
    runner.refresh_from_db()
    assert (runner.labels, runner.slots_limit) == (["fast"], 0)
    assert "hpr_" in _said(client, path, "token")
    assert "works no more" in _said(client, path, "revoke")
    assert "is removed" in _said(client, path, "remove")
    assert client.get(path).status_code == 404
    assert client.post(f"{path}act/", {"verb": "dance"}).status_code == 404


def test_the_last_hour_and_day_are_drawn(client: Client, cast: Cast) -> None:
    card = {"index": 0, "name": "H100", "memory_total": 80 * 10**9}
    facts = {"tasks": [], "hostname": "box", "cpu_count": 2, "memory_total": 100, "accelerators": [card]}
    runner, _ = online_runner(facts=facts)
    now = timezone.now()
    for minutes, percent in ((30, 50.0), (600, 100.0)):
        RunnerSample.objects.create(
            runner=runner,
            at=now - timedelta(minutes=minutes),
            cpu_percent=percent,
            memory_used=50,
            accelerators=[[0, percent, 40 * 10**9, 350.0, None]],
        )
    client.force_login(cast.vera)
    page = client.get(f"/runners/{runner.public_id}/").content.decode()
    assert "GPU 0 use: 50 % now, at most 100 % in a day; this is the last hour" in page
    assert "GPU 0 power: 350 W now" in page
    assert "GPU 0 temperature" not in page, "it could not be read"
    assert re.search(r'points="1(18|20),18.0"', page), "half an hour ago, half of the box"


def _said(client: Client, path: str, verb: str) -> str:
    return client.post(f"{path}act/", {"verb": verb}, follow=True).content.decode()
