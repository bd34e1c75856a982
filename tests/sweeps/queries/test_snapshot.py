"""A snapshot stays small, however many trials and points there are."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Attempt, Job, MetricChunk, Sweep, Trial
from sweeps.queries import snapshot as module
from sweeps.queries.chosen_curves import chosen_curves
from sweeps.queries.snapshot import snapshot
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import running_job, spec

pytestmark = pytest.mark.django_db


def many(cast: Cast, count: int = 150, points: int = 3) -> Sweep:
    """Trial 5 is the best; 3 and 7 run; 9 waits."""
    sweep = make_sweep(cast.team, state="running", spec=spec(), n_trials=count)
    job = Job.objects.create(sweep=sweep, state="running")
    states = {3: "running", 7: "running", 9: "waiting"}
    trials = [
        Trial(sweep=sweep, number=i, state=states.get(i, "complete"), params={"learning_rate": 0.1}, values=[i / 1000])
        for i in range(count)
    ]
    Trial.objects.bulk_create(trials)
    attempts = [Attempt(trial=trial, index=1, job=job, started_t=0.0, state="complete") for trial in trials]
    Attempt.objects.bulk_create(attempts)
    steps = list(range(points))
    data: dict[str, Any] = {"step": steps, "epoch": steps, "t": steps}
    data["values"] = {"eval_accuracy": steps, "loss": steps, "grad_norm": steps}
    MetricChunk.objects.bulk_create(
        [MetricChunk(attempt=each, first_seq=1, rows=points, data=data) for each in attempts]
    )
    sweep.best_trial = trials[5]
    sweep.save()
    return sweep


def test_rows_of_what_lives_of_the_best_and_of_the_newest(cast: Cast) -> None:
    found = snapshot(many(cast))
    numbers = [row["number"] for row in found["trials"]]
    assert numbers == [3, 5, 7, 9, *range(54, 150)]
    assert sorted(map(int, found["curves"])) == [3, 5, 7, *range(93, 150)]
    assert found["metrics"] == ["eval_accuracy", "loss", "grad_norm"]
    assert set(found["curves"]["5"]) == set(found["metrics"])


def test_a_snapshot_costs_the_same_queries_however_many_trials(cast: Cast, django_assert_max_num_queries: Any) -> None:
    small, large = many(cast, 12), many(cast, 150)
    for sweep in (small, large):
        with django_assert_max_num_queries(17):
            snapshot(sweep)


def test_metrics_that_do_not_fit_are_named_and_left_out(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = many(cast, 12)
    monkeypatch.setattr(module, "VALUES", 80)
    found = snapshot(sweep)
    assert set(found["curves"]["5"]) == {"eval_accuracy", "loss"}
    assert found["metrics"] == ["eval_accuracy", "loss", "grad_norm"]
    monkeypatch.setattr(module, "VALUES", 1)
    assert set(snapshot(sweep)["curves"]["5"]) == {"eval_accuracy"}


def test_long_curves_are_thinned(cast: Cast) -> None:
    curve = snapshot(many(cast, 12, points=1000))["curves"]["0"]["loss"]
    assert 190 <= len(curve["step"]) <= 200
    assert (curve["value"][0], curve["value"][-1]) == (0, 999)


def test_a_snapshot_of_one_trial(cast: Cast, client: Client) -> None:
    sweep = many(cast)
    client.force_login(cast.vera)
    url = f"/api/v1/sweeps/{sweep.public_id}/snapshot/"
    found = client.get(url, {"trial": 20}).json()
    assert [row["number"] for row in found["trials"]] == [20]
    assert list(found["curves"]) == ["20"]
    assert found["curves"]["20"]["loss"]["t"] == [0, 1, 2]
    assert client.get(url, {"trial": 999}).json()["trials"] == []
    refused = client.get(url, {"trial": "x"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["trial"])


def test_curves_of_chosen_trials(cast: Cast, client: Client) -> None:
    sweep = many(cast)
    client.force_login(cast.vera)
    url = f"/api/v1/sweeps/{sweep.public_id}/curves/"
    found = client.get(url, {"trials": "20,21,999", "metric": "loss"}).json()
    assert found["metric"] == "loss"
    line = {"attempt": 1, "step": [0, 1, 2], "epoch": [0, 1, 2], "t": [0, 1, 2], "value": [0, 1, 2]}
    assert found["curves"] == {"20": line, "21": line}
    assert sorted(chosen_curves(sweep, None, "loss")) == [3, 5, 7, *range(93, 150)]
    assert chosen_curves(sweep, [20], "nothing") == {}
    for wrong, field in (({"trials": "1"}, "metric"), ({"trials": "1;2", "metric": "loss"}, "trials")):
        refused = client.get(url, wrong)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, [field])
    too_many = {"trials": ",".join(map(str, range(201))), "metric": "loss"}
    assert "at most 200 trials" in client.get(url, too_many).json()["message"]
    client.force_login(cast.charlie)
    assert client.get(url, {"trials": "1", "metric": "loss"}).status_code == 404


def test_a_message_carries_the_clock_of_its_points(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("sweeps.broadcast.changes", lambda *_args, **values: told.append(values["points"]))
    talk = running_job(cast.team)
    talk.permits()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda call: call())
        talk.send(talk.started(0), talk.metrics(0, 1, loss=1.0), talk.metrics(0, 2, loss=0.5))
    assert [points["t"] for message in told for points in message] == [[1.0, 1.5]]
