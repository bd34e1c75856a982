"""Compared trials over HTTP: the union of their columns, and their curves."""

import pytest
from django.test import Client

from sweeps.models import MetricChunk, Trial
from tests.factories import Cast
from tests.sweeps.queries.compare.world import add_ran, plain_sweep

pytestmark = pytest.mark.django_db

LOSS = [{"metric": "eval_loss", "direction": "minimize"}]
OPTIM = {"parameters": [{"type": "categorical", "name": "optim", "choices": ["sgd", "adafactor"]}]}


def add_curve(trial: Trial, **values: list[float | None]) -> None:
    count = len(next(iter(values.values())))
    data = {"step": list(range(count)), "epoch": [0.1] * count, "t": [1.0] * count, "values": values}
    MetricChunk.objects.create(attempt=trial.attempts.get(), first_seq=1, rows=count, data=data)


def test_columns_are_the_union_of_the_sweeps(client: Client, cast: Cast) -> None:
    one, two = plain_sweep(cast.team), plain_sweep(cast.team, objectives=LOSS, space=OPTIM)
    add_ran(one, 0, values=[0.123456789], last={"eval_accuracy": 0.1, "loss": 2.0})
    add_ran(two, 3, values=[0.5], params={"optim": "adafactor"}, last={"eval_loss": 0.5}, seed=7)
    client.force_login(cast.vera)
    answer = client.get(f"/api/v1/compare/?trials={one.public_id}:0,{two.public_id}:3")
    assert answer.status_code == 200
    found = answer.json()
    assert found["trials"] == [
        {"sweep": one.public_id, "number": 0, "name": f"{one.name} #0"},
        {"sweep": two.public_id, "number": 3, "name": f"{two.name} #3"},
    ]
    assert found["frame"]["number"] == [0, 1]
    assert found["frame"]["objectives"] == [
        {"name": "eval_accuracy", "direction": "maximize", "values": [0.123457, None]},
        {"name": "eval_loss", "direction": "minimize", "values": [None, 0.5]},
    ]
    assert [(column["name"], column["log"], column["values"]) for column in found["frame"]["params"]] == [
        ("learning_rate", True, [0.001, None]),
        ("optim", False, [None, 1]),
    ]
    more = {column["id"]: column["values"] for column in found["more"]}
    assert (more["more:seed"], more["last:loss"], more["more:sweep"]) == ([42, 7], [2.0, None], [0, 1])
    assert found["metrics"] == ["eval_accuracy", "loss", "eval_loss"]


def test_curves_of_one_metric_by_trial(client: Client, cast: Cast) -> None:
    one, two = plain_sweep(cast.team), plain_sweep(cast.team)
    add_curve(add_ran(one, 0), loss=[3.0, 2.0, 1.0], eval_accuracy=[None, None, 0.5])
    add_curve(add_ran(two, 0), loss=[5.0, 4.0])
    client.force_login(cast.bob)
    trials = f"{two.public_id}:0,{one.public_id}:0"
    found = client.get(f"/api/v1/compare/curves/?trials={trials}&metric=loss").json()
    assert list(found["curves"]) == trials.split(",")
    assert found["curves"][f"{two.public_id}:0"]["value"] == [5.0, 4.0]
    found = client.get(f"/api/v1/compare/curves/?trials={trials}&metric=eval_accuracy").json()
    curve = {"step": [2], "epoch": [0.1], "t": [1.0], "value": [0.5]}
    assert found["curves"] == {f"{one.public_id}:0": curve}


def test_what_is_out_of_reach_or_odd_is_refused(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    add_ran(sweep, 0)
    client.force_login(cast.charlie)
    for address in ("compare/?", "compare/curves/?metric=loss&"):
        assert client.get(f"/api/v1/{address}trials={sweep.public_id}:0").status_code == 404
    client.force_login(cast.bob)
    for asked in ("", "trials=x", "trials=a:0-300"):
        assert client.get(f"/api/v1/compare/?{asked}").status_code == 400
    assert client.get(f"/api/v1/compare/curves/?trials={sweep.public_id}:0").status_code == 400
