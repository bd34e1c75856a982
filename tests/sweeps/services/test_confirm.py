"""A sweep that repeats the best of another with further seeds: what it holds, and when it is refused."""

import re
from typing import Any

import pytest
from django.test import Client

from runners.protocol.spec import SweepSpec
from sweeps.models import Sweep, SweepAct, Trial
from sweeps.services.confirm import best_trials, confirm_sweep
from sweeps.services.control import NotNow
from sweeps.services.schedule import schedule
from sweeps.validation.problems import Invalid
from tests.factories import Cast, make_sweep
from tests.sweeps.queries.table.world import add_trial
from tests.sweeps.talk import Talk, online_runner, queued_sweep

pytestmark = pytest.mark.django_db


def parent_of(cast: Cast, **changes: Any) -> Sweep:
    """Trials 1 and 4 are alike but for the seed, 3 has failed; by value 2, 1 and 4, 0."""
    sweep = queued_sweep(cast.team, **changes)
    for number, rate, value, seed in (
        (0, 0.001, 0.5, 42),
        (1, 0.002, 0.8, 42),
        (2, 0.003, 0.9, 43),
        (4, 0.002, 0.7, 44),
    ):
        add_trial(sweep, number, values=[value], params={"learning_rate": rate}, seed=seed)
    add_trial(sweep, 3, state="fail", params={"learning_rate": 0.009}, seed=42)
    return sweep


def test_the_best_are_trained_again_with_seeds_that_none_of_them_had(cast: Cast) -> None:
    parent = parent_of(cast, sampler_seed=9, children=2, backend={"name": "optuna", "pruner": {"name": "median"}})
    child = confirm_sweep(sweep=parent, user=cast.bob, best=2, seeds=3)
    assert (child.confirms, child.state, child.n_trials, child.created_by) == (parent, "queued", 6, cast.bob)
    assert child.name == f"{parent.name}: the best 2 confirmed"
    trials = list(Trial.objects.filter(sweep=child).select_related("repeats").order_by("number"))
    # 42 is the sweep's own seed; trials had 43 and 44.
    assert [(trial.repeats and trial.repeats.number, trial.params) for trial in trials] == [
        (number, {"learning_rate": rate, "seed": seed})
        for seed in (45, 46, 47)
        for number, rate in ((2, 0.003), (1, 0.002))
    ]
    assert {(trial.state, trial.origin, trial.made_by) for trial in trials} == {("waiting", "enqueued", cast.bob)}
    before, spec = SweepSpec.model_validate(parent.spec), SweepSpec.model_validate(child.spec)
    assert (spec.data, spec.model, spec.objectives, spec.arguments) == (
        before.data,
        before.model,
        before.objectives,
        before.arguments,
    )
    # What the sweep's own seed chose, as the rows that are evaluated, stays.
    assert (spec.seed, spec.children, spec.keep_best) == (42, 2, False)
    assert spec.backend.name == "optuna"
    assert spec.backend.model_dump()["pruner"]["name"] == "none"
    assert [row.name for row in spec.space.parameters] == ["learning_rate", "seed"]
    acts = [(act.verb, act.detail.get("numbers")) for act in SweepAct.objects.filter(sweep=parent)]
    assert ("confirmation", [2, 1]) in acts


def test_a_runner_is_given_the_repeats_and_nothing_else(cast: Cast) -> None:
    parent = parent_of(cast)
    Sweep.objects.filter(pk=parent.pk).update(state="complete")
    child = confirm_sweep(sweep=parent, user=cast.alice, best=1, seeds=2)
    online_runner()
    schedule()
    talk = Talk(child.jobs.get())
    talk.claim()
    permits = talk.permits(count=3)
    assert [(one.number, one.params) for one in permits.permits] == [
        (0, {"learning_rate": 0.003, "seed": 45}),
        (1, {"learning_rate": 0.003, "seed": 46}),
    ]


def test_a_searched_seed_is_replaced(cast: Cast) -> None:
    rows = [
        {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2},
        {"type": "int", "name": "seed", "low": 1, "high": 40},
    ]
    parent = queued_sweep(cast.team, space={"parameters": rows})
    add_trial(parent, 0, values=[0.5], params={"learning_rate": 0.001, "seed": 7}, seed=7)
    child = confirm_sweep(sweep=parent, user=None, best=1, seeds=2)
    assert [trial.params for trial in child.trials.all()] == [
        {"learning_rate": 0.001, "seed": 43},
        {"learning_rate": 0.001, "seed": 44},
    ]


def test_the_best_of_several_objectives_are_on_the_front(cast: Cast) -> None:
    objectives = [
        {"metric": "eval_loss", "direction": "minimize"},
        {"metric": "eval_accuracy", "direction": "maximize"},
    ]
    parent = queued_sweep(cast.team, objectives=objectives)
    for number, values in enumerate(([0.1, 0.5], [0.2, 0.4], [0.3, 0.9])):
        add_trial(parent, number, values=values, params={"learning_rate": 0.001 * (number + 1)})
    assert [trial.number for trial in best_trials(parent, 3)] == [0, 2]


def test_what_cannot_be_confirmed_is_refused_with_a_sentence(cast: Cast) -> None:
    with pytest.raises(NotNow, match="has not started"):
        confirm_sweep(sweep=make_sweep(cast.team), user=None, best=1, seeds=2)
    with pytest.raises(NotNow, match="No trial is complete yet"):
        confirm_sweep(sweep=queued_sweep(cast.team), user=None, best=1, seeds=2)
    parent = parent_of(cast)
    with pytest.raises(Invalid) as refused:
        confirm_sweep(sweep=parent, user=None, best=0, seeds=1)
    assert [problem.path for problem in refused.value.errors()] == ["best", "seeds"]
    Trial.objects.filter(sweep=parent, number=2).update(params={"learning_rate": 5.0})
    with pytest.raises(Invalid, match=re.escape("Trial 2 does not fit the search space as it is now.")):
        confirm_sweep(sweep=parent, user=None, best=2, seeds=2)
    Trial.objects.filter(sweep=parent, number=2).update(changes=[{"step": 1, "params": {}, "copied": None}])
    with pytest.raises(Invalid, match="changed while it trained"):
        confirm_sweep(sweep=parent, user=None, best=2, seeds=2)
    assert not Sweep.objects.filter(confirms=parent).exists()


def test_the_page_and_the_api_make_one(client: Client, cast: Cast) -> None:
    parent = parent_of(cast)
    address = f"/sweeps/{parent.public_id}/confirm/"
    client.force_login(cast.bob)
    form = client.get(address).content.decode()
    assert re.findall(r">trial (\d+)</a>", form) == ["2", "1", "0"]
    refused = client.post(address, {"best": "3", "seeds": "1"})
    assert refused.status_code == 422
    made = client.post(address, {"best": "3", "seeds": "2"})
    child = Sweep.objects.get(confirms=parent)
    assert made.headers["Location"] == f"/sweeps/{child.public_id}/"
    told = client.post(
        f"/api/v1/sweeps/{parent.public_id}/confirm/", {"best": 1, "seeds": 2}, content_type="application/json"
    )
    assert (told.status_code, told.json()["sweep"]["n_trials"]) == (201, 2)
    odd = client.post(f"/api/v1/sweeps/{parent.public_id}/confirm/", {"seeds": 99}, content_type="application/json")
    assert (odd.status_code, list(odd.json()["fields"])) == (400, ["seeds"])
    client.force_login(cast.vera)
    assert client.post(address, {"best": "3", "seeds": "2"}).status_code == 403
