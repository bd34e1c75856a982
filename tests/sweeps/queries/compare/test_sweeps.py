"""Whole sweeps side by side: growth, spread, what was spent, and what cannot be drawn together."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Sweep
from sweeps.queries.compare.sweeps import Curve, Spread, compared_sweeps, lines
from tests.factories import Cast, make_sweep
from tests.sweeps.queries.compare.world import add_ran, plain_sweep

pytestmark = pytest.mark.django_db


def ran(cast: Cast, *trials: tuple[str, float | None, float], device: str = "CPU, 2 cores", **changes: Any) -> Sweep:
    """A sweep with these finished trials: state, value, hours."""
    sweep = plain_sweep(cast.team, **changes)
    for number, (state, value, hours) in enumerate(trials):
        values = [] if value is None else [value]
        add_ran(
            sweep,
            number,
            {"device": device},
            state=state,
            values=values,
            duration_s=3600 * hours,
            finished_order=number,
        )
    return sweep


def test_growth_counts_what_pruned_and_failed_trials_cost(cast: Cast) -> None:
    one = ran(
        cast,
        ("complete", 0.5, 1),
        ("pruned", 0.9, 0.5),
        ("complete", 0.4, 1),
        ("complete", 0.8, 1),
        ("fail", None, 0.5),
    )
    two = ran(
        cast,
        ("complete", 0.6, 1),
        device="NVIDIA H100 (GPU 0, 1)",
        backend={"name": "optuna", "sampler": {"name": "random"}, "pruner": {"name": "median"}},
        sampler_seed=3,
    )
    found = compared_sweeps([one, two])
    first, second = found.rows
    assert first.curve == Curve([1, 4, 5], [1.0, 3.5, 4.0], [0.5, 0.8, 0.8])
    assert (first.reached, first.hours) == ((4, 3.5), 4.0)
    assert first.counts == {"complete": 3, "pruned": 1, "fail": 1}
    assert (first.counted, first.best and first.best.number) == (5, 3)
    assert first.spread == Spread(3, 0.4, 0.45, 0.5, 0.65, 0.8)
    # Two GPUs for an hour.
    assert second.curve == Curve([1], [2.0], [0.6])
    assert (second.backend, second.sampler, second.pruner, second.seed) == ("optuna", "random", "median", 3)
    assert first.drawn is not None
    assert second.drawn is not None
    assert (first.drawn["low"], first.drawn["high"], second.drawn["median"]) == ("4.0", "316.0", "160.0")
    assert [warned.title for warned in found.verdict.warned] == ["GPU count"]
    assert [row["best"] for row in lines(found)["sweeps"]] == [[0.5, 0.8, 0.8], [0.6]]


def test_the_smallest_is_the_best_where_it_is_to_be(cast: Cast) -> None:
    objectives = [{"metric": "eval_loss", "direction": "minimize"}]
    sweep = ran(cast, ("complete", 0.5, 1), ("complete", 0.7, 1), ("complete", 0.2, 1), objectives=objectives)
    (row,) = compared_sweeps([sweep]).rows
    assert (row.curve.best, row.best and row.best.number) == ([0.5, 0.2], 2)


def test_another_objective_is_told_and_not_drawn(cast: Cast) -> None:
    one = ran(cast, ("complete", 0.5, 1))
    other = ran(cast, ("complete", 9.0, 1), objectives=[{"metric": "eval_loss", "direction": "minimize"}])
    empty = ran(cast)
    found = compared_sweeps([one, other, empty])
    assert found.apart == [other.name]
    assert [row.drawn is None for row in found.rows] == [False, True, True]
    assert [row["sweep"] for row in lines(found)["sweeps"]] == [one.public_id, empty.public_id]
    assert "Task or metric" in [warned.title for warned in found.verdict.warned]


def test_the_page_and_the_api_show_what_is_in_reach(client: Client, cast: Cast) -> None:
    one, two = ran(cast, ("complete", 0.5, 1)), ran(cast, ("complete", 0.75, 2))
    theirs, draft = plain_sweep(cast.other), make_sweep(cast.team, name="Not begun")
    client.force_login(cast.vera)
    ids = ",".join(sweep.public_id for sweep in (one, two))
    shown = client.get(f"/compare/sweeps/?sweeps={ids},{theirs.public_id},{draft.public_id}").content.decode()
    assert f"Not there for you: {theirs.public_id}." in shown
    assert "Not started yet, so left out: Not begun." in shown
    assert f'<b>0.7500</b> <a href="/sweeps/{two.public_id}/trials/0/">trial 0</a>' in shown
    assert "1 trial, 2.000 h" in shown
    assert client.get("/compare/sweeps/").status_code == 200
    assert client.get(f"/compare/sweeps/?sweeps={theirs.public_id}").status_code == 404
    told = client.get(f"/api/v1/compare/sweeps/?sweeps={ids}").json()
    assert [(row["best"], row["device_hours"]) for row in told["sweeps"]] == [([0.5], 1.0), ([0.75], 2.0)]
    assert client.get(f"/api/v1/compare/sweeps/?sweeps={theirs.public_id}").status_code == 404
    assert client.get("/api/v1/compare/sweeps/").status_code == 400
    to = client.post("/compare/sweeps/chosen/", {"ids": [two.public_id, one.public_id]})
    assert to.headers["Location"] == f"/compare/sweeps/?sweeps={two.public_id},{one.public_id}"
    assert client.post("/compare/sweeps/chosen/").headers["Location"] == "/sweeps/"
