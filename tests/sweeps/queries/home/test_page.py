"""What the first page tells: figures of each part, and how many queries it takes."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sweeps.models import Dataset, DatasetVersion, HomeVisit, Sweep, Trial
from sweeps.queries import waiting
from sweeps.queries.home.best import best_results
from sweeps.queries.home.page import home_of
from sweeps.services.visits import look, mark_seen
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import online_runner, queued_sweep, running_job, spec

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _decided_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine the process keeps the scheduler's last decision for a while, also from another test."""
    monkeypatch.setattr(waiting._Last, "until", 0.0)


def finished(cast: Cast, minutes: float, **fields: object) -> Sweep:
    """A sweep of the team that was complete so long ago."""
    at = timezone.now() - timedelta(minutes=minutes)
    return make_sweep(
        cast.team, **{"state": "complete", "spec": spec(), "finished_at": at, "created_by": cast.bob, **fields}
    )


def best_of(sweep: Sweep, value: float, number: int = 0) -> Sweep:
    trial = Trial.objects.create(sweep=sweep, number=number, state="complete", params={}, value=value, values=[value])
    sweep.best_trial = trial
    sweep.save()
    return sweep


def test_what_finished_since_the_last_visit_is_news(cast: Cast) -> None:
    now = timezone.now()
    assert look(user=cast.bob, team=cast.team, now=now) == now - timedelta(days=1)
    # A page that stays open writes a look once a minute, and moves nothing.
    assert look(user=cast.bob, team=cast.team, now=now + timedelta(seconds=30)) == now - timedelta(days=1)
    assert HomeVisit.objects.get().looked_at == now
    assert look(user=cast.bob, team=cast.team, now=now + timedelta(minutes=2)) == now - timedelta(days=1)
    # The next visit begins where this one has ended.
    later = now + timedelta(hours=5)
    assert look(user=cast.bob, team=cast.team, now=later) == now + timedelta(minutes=2)
    mark_seen(user=cast.bob, team=cast.team, now=later)
    assert look(user=cast.bob, team=cast.team, now=later + timedelta(minutes=5)) == later
    assert look(user=cast.alice, team=cast.team, now=later) == later - timedelta(days=1)


def test_each_part(cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=8)
    talk.permits(count=3)
    for number in range(2):
        talk.send(*talk.whole_trial(number))
    talk.send(talk.started(2))
    Sweep.objects.filter(pk=talk.sweep.pk).update(started_at=timezone.now() - timedelta(minutes=30))
    first, urgent = queued_sweep(cast.team), queued_sweep(cast.team)
    Sweep.objects.filter(pk=urgent.pk).update(priority=5)
    new, _ = finished(cast, 10), finished(cast, 90)
    make_sweep(cast.team)
    finished(cast, 5, archived_at=timezone.now())
    make_sweep(cast.other, state="running", spec=spec())
    online_runner(name="idle", slots=4, facts={"tasks": []})
    online_runner(name="gone", state="offline")

    home = home_of(cast.team, timezone.now() - timedelta(hours=1))
    (row,) = home.running
    assert (row.sweep, row.counted, row.running, home.n_running) == (talk.sweep, 2, 1, 1)
    assert row.hourly == pytest.approx(4, abs=0.3)
    assert ([row.sweep for row in home.finished], home.n_finished) == ([new], 1)
    assert [(entry.place, entry.sweep) for entry in home.waiting] == [(1, urgent), (2, first)]
    assert home.waiting[0].reason.endswith("is busy with another sweep. This one is next in its turn.")
    assert (home.n_waiting, home.n_drafts) == (2, 1)
    fleet = home.fleet
    assert (fleet.online, fleet.busy, fleet.taken, fleet.slots) == (2, 1, 1, 5)
    assert [(load.runner.state, load.taken) for load in fleet.runners] == [("online", 1), ("online", 0), ("offline", 0)]


def test_the_best_of_each_task_and_data_set(cast: Cast) -> None:
    data = Dataset.objects.create(team=cast.team, name="languages", task="text-classification")
    version = DatasetVersion.objects.create(dataset=data, number=1, digest="d", spec={})
    loss = spec(objectives=[{"metric": "eval_loss", "direction": "minimize"}])
    hub = spec(data={"source": "hub", "id": "glue"})
    two = spec(
        objectives=[{"metric": "eval_f1", "direction": "maximize"}, {"metric": "eval_loss", "direction": "minimize"}]
    )
    best_of(finished(cast, 50, dataset_version=version), 0.7)
    top = best_of(finished(cast, 40, dataset_version=version), 0.9, number=4)
    low = best_of(finished(cast, 30, dataset_version=version, spec=loss), 0.2)
    best_of(finished(cast, 20, dataset_version=version, spec=loss), 0.3)
    other = best_of(finished(cast, 10, spec=hub), 0.5)
    best_of(finished(cast, 5, spec=two), 0.99)
    best_of(finished(cast, 5, dataset_version=version, archived_at=timezone.now()), 0.99)
    best_of(make_sweep(cast.other, spec=spec()), 1.0)
    Trial.objects.filter(sweep=top).update(finished_at=timezone.now())
    found = best_results(cast.team, 10)
    said = [(best.dataset, best.metric, best.direction, best.value, best.sweep, best.number) for best in found]
    assert said[0] == ("languages", "eval_accuracy", "maximize", 0.9, top.public_id, 4)
    assert sorted(said[1:]) == [
        ("glue", "eval_accuracy", "maximize", 0.5, other.public_id, 0),
        ("languages", "eval_loss", "minimize", 0.2, low.public_id, 0),
    ]
    assert (found[0].task, found[0].who) == ("Text classification", "Bob")


def test_a_busy_team_takes_as_many_queries_as_a_quiet_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    running_job(cast.team)
    queued_sweep(cast.team)
    finished(cast, 1)
    since = timezone.now() - timedelta(hours=1)
    with CaptureQueriesContext(connection) as quiet:
        home_of(cast.team, since)
    for minutes in range(12):
        best_of(finished(cast, minutes, spec=spec(data={"source": "hub", "id": f"data/{minutes}"})), 0.5)
        queued_sweep(cast.team)
        online_runner()
        make_sweep(cast.team, state="running", spec=spec(), started_at=timezone.now())
    cache.clear()
    with CaptureQueriesContext(connection) as busy:
        home_of(cast.team, since)
    # Fewer where a decision of the scheduler that took long is told again.
    assert len(busy) <= len(quiet) < 25
    page = client.get("/").content.decode()
    assert page.count("<tr data-sweep") == 12
    for said in ("All 13", "Who waits for what", "13<small> of 13</small>", "Mark as seen"):
        assert said in page, said


def test_seen_is_seen(client: Client, cast: Cast) -> None:
    client.force_login(cast.vera)
    sweep = finished(cast, 5)
    assert sweep.name in client.get("/").content.decode()
    assert client.get("/seen/").status_code == 405
    assert client.post("/seen/")["Location"] == "/"
    page = client.get("/").content.decode()
    assert "Nothing has finished since then." in page
    assert sweep.name not in page


def test_a_new_team_is_taught_the_first_steps(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    page = client.get("/").content.decode()
    assert "No sweep yet" in page
    make_sweep(cast.team)
    page = client.get("/").content.decode()
    assert "1 draft</a> can be completed and started." in page
    assert "No runner is online either" in page
