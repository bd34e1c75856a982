"""The SigOpt endpoint, request by request: a whole search, ends of runs, keys, refusals."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sweeps.models import Job, Sweep, Trial
from sweeps.queries.snapshot import snapshot
from sweeps.services.control import cancel_sweep, stop_sweep
from sweeps.services.reap import reap
from teams.tokens import make_token, revoke
from tests.factories import Cast
from tests.sweeps.sigopt.talk import DEFINITION, SPACE, Script

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Script:
    """Bob's script."""
    return Script(make_token(user=cast.bob, team=cast.team, name="laptop")[1])


def sweep_of(experiment: dict[str, Any]) -> Sweep:
    return Sweep.objects.get(public_id=experiment["id"])


def trials(experiment: dict[str, Any]) -> list[tuple[int, str, Any]]:
    return [(row["number"], row["state"], row["value"]) for row in snapshot(sweep_of(experiment))["trials"]]


def test_what_has_no_effect_stands_on_the_timeline(bob: Script) -> None:
    quiet = bob.create()
    assert [act.verb for act in sweep_of(quiet).acts.all()] == ["started"]
    space = [{**SPACE[0], "prior": {"name": "normal", "mean": 1e-5, "scale": 1e-6}}, *SPACE[1:]]
    loud = bob.create(parameters=space, parallel_bandwidth=4, num_solutions=2)
    last = sweep_of(loud).acts.last()
    assert last is not None
    assert last.verb == "not carried over"
    assert [sentence.split(":")[0] for sentence in last.detail["sentences"]] == [
        "The prior of learning_rate",
        "parallel_bandwidth",
        "num_solutions",
    ]


def test_a_whole_search_as_transformers_does_it(bob: Script, cast: Cast) -> None:
    experiment = bob.create()
    assert experiment["parameters"] == SPACE
    runs, left = [], []
    for value in (0.5, 0.25, 0.75):
        left.append(bob.remaining(experiment["id"]))
        runs.append(bob.train(experiment["id"], objective=value))
    assert left == [3, 2, 1]
    assert bob.remaining(experiment["id"]) == 0
    best = bob.ask("GET", f"aiexperiments/{experiment['id']}/best_training_runs")
    assert (best["object"], best["count"]) == ("pagination", 1)
    assert best["data"][0]["id"] == runs[1]["id"]
    assert best["data"][0]["assignments"] == runs[1]["assignments"]
    assert best["data"][0]["values"] == {"objective": {"name": "objective", "value": 0.25}}
    for run in runs:
        drawn = run["assignments"]
        assert list(drawn) == [row["name"] for row in SPACE]
        assert 1e-6 <= drawn["learning_rate"] <= 1e-4
        assert drawn["num_train_epochs"] in range(1, 7)
        assert drawn["seed"] in range(1, 41)
        assert drawn["per_device_train_batch_size"] in ("4", "8", "16", "32", "64")
    assert trials(experiment) == [(0, "complete", 0.5), (1, "complete", 0.25), (2, "complete", 0.75)]
    sweep = sweep_of(experiment)
    assert (sweep.name, sweep.state, sweep.created_by, sweep.n_trials) == (
        "huggingface-tune",
        "complete",
        cast.bob,
        3,
    )
    assert [trial.params for trial in Trial.objects.order_by("number")] == [run["assignments"] for run in runs]
    assert Job.objects.get().state == "done"


def test_the_sampler_learns_and_its_draws_repeat_for_the_same_seed(bob: Script) -> None:
    def searched(n_trials: int) -> list[float]:
        row = {"name": "x", "type": "double", "bounds": {"min": 0, "max": 1}}
        experiment = bob.create(parameters=[row], budget=n_trials)
        sweep = sweep_of(experiment)
        sweep.spec["sampler_seed"] = 1  # type: ignore[index]  # it has one
        sweep.save(update_fields=["spec"])
        drawn = []
        for _ in range(n_trials):
            run = bob.begin(experiment["id"])
            drawn.append(run["assignments"]["x"])
            bob.merge(run["id"], {"values": {"objective": {"value": (drawn[-1] - 0.3) ** 2}}, "state": "completed"})
        return drawn

    drawn = searched(30)
    assert searched(12) == drawn[:12]
    errors = [abs(x - 0.3) for x in drawn]
    assert sum(errors[20:]) < sum(errors[:10]) / 2


def test_the_clients_own_names_and_conditions(bob: Script) -> None:
    rows = [
        {"name": "lr", "type": "double", "bounds": {"min": 0.1, "max": 0.2}},
        {"name": "batch_size", "type": "int", "grid": [8, 16]},
        {"name": "a b", "type": "double", "bounds": {"min": 0, "max": 1}, "conditions": {"optimizer": ["sgd"]}},
    ]
    conditionals = [{"name": "optimizer", "values": ["sgd", "adam"]}]
    experiment = bob.create(parameters=rows, conditionals=conditionals, budget=12)
    seen = [bob.train(experiment["id"], objective=1.0)["assignments"] for _ in range(12)]
    assert {tuple(drawn) for drawn in seen} == {
        ("optimizer", "lr", "batch_size", "a b"),
        ("optimizer", "lr", "batch_size"),
    }
    assert all(("a b" in drawn) == (drawn["optimizer"] == "sgd") for drawn in seen)
    assert {drawn["batch_size"] for drawn in seen} == {8, 16}


def test_failed_runs_and_runs_without_their_metric(bob: Script) -> None:
    experiment = bob.create()
    first = bob.begin(experiment["id"])
    bob.merge(first["id"], {"state": "failed"})
    assert bob.ask("GET", f"training_runs/{first['id']}")["state"] == "failed"
    bob.merge(first["id"], {"values": {"objective": {"value": 0.1}}, "state": "completed"})
    bob.train(experiment["id"], loss=0.5)
    best = f"aiexperiments/{experiment['id']}/best_training_runs"
    assert bob.ask("GET", best)["data"] == []
    bob.train(experiment["id"], objective=0.5, loss=2.0)
    assert trials(experiment) == [(0, "fail", None), (1, "fail", None), (2, "complete", 0.5)]
    said = list(Trial.objects.order_by("number").values_list("failure_message", flat=True))
    assert said == [
        "The script ended this trial with an error. Its own output says why.",
        "objective was never logged. Log it under the name that the experiment's metric has.",
        "",
    ]
    assert sweep_of(experiment).state == "complete"


def test_several_metrics_give_the_pareto_set(bob: Script) -> None:
    metrics = [
        {"name": "accuracy"},
        {"name": "loss", "objective": "minimize", "strategy": "optimize"},
        {"name": "seconds", "strategy": "store"},
    ]
    experiment = bob.create(metrics=metrics)
    runs = [
        bob.train(experiment["id"], loss=loss, accuracy=accuracy, seconds=1.0)
        for accuracy, loss in ((0.9, 0.5), (0.8, 0.6), (0.7, 0.1))
    ]
    best = bob.ask("GET", f"aiexperiments/{experiment['id']}/best_training_runs")["data"]
    assert [run["id"] for run in best] == [runs[0]["id"], runs[2]["id"]]
    assert {name: value["value"] for name, value in best[1]["values"].items()} == {"accuracy": 0.7, "loss": 0.1}


def test_two_processes_share_a_budget(bob: Script) -> None:
    experiment = bob.create(budget=2)
    runs = [bob.begin(experiment["id"]) for _ in range(2)]
    assert bob.remaining(experiment["id"]) == 0
    assert bob.send("POST", f"aiexperiments/{experiment['id']}/training_runs", {}).status_code == 400
    for run, value in zip(reversed(runs), (0.1, 0.2), strict=True):
        bob.merge(run["id"], {"values": {"objective": {"value": value}}})
        bob.merge(run["id"], {"state": "completed"})
    assert trials(experiment) == [(0, "complete", 0.2), (1, "complete", 0.1)]
    assert sweep_of(experiment).state == "complete"


def test_training_may_take_hours_and_a_lost_trial_is_given_again(bob: Script) -> None:
    experiment = bob.create(budget=1)
    run = bob.begin(experiment["id"])
    now = timezone.now()
    reap(now=now + timedelta(hours=23))
    assert trials(experiment) == [(0, "running", None)]
    reap(now=now + timedelta(hours=25))
    assert trials(experiment) == [(0, "waiting", None)]
    assert bob.ask("GET", f"training_runs/{run['id']}")["state"] == "failed"
    again = bob.begin(experiment["id"])
    assert again["assignments"] == run["assignments"]
    bob.merge(run["id"], {"values": {"objective": {"value": 9.0}}, "state": "completed"})
    bob.merge(again["id"], {"values": {"objective": {"value": 0.5}}, "state": "completed"})
    assert trials(experiment) == [(0, "complete", 0.5)]


def test_without_a_budget_the_script_asks_as_long_as_it_likes(bob: Script) -> None:
    experiment = bob.create(budget=None)
    for value in (0.1, 0.2):
        assert bob.remaining(experiment["id"]) is None
        bob.train(experiment["id"], objective=value)
    reap(now=timezone.now() + timedelta(seconds=90))
    assert sweep_of(experiment).state == "complete"
    bob.train(experiment["id"], objective=0.3)
    assert [row[2] for row in trials(experiment)] == [0.1, 0.2, 0.3]


def test_stop_and_cancel_on_the_page_end_the_clients_loop(bob: Script, cast: Cast) -> None:
    stopped, cancelled = bob.create(), bob.create()
    run = bob.begin(stopped["id"])
    stop_sweep(sweep=sweep_of(stopped), user=cast.alice)
    assert bob.remaining(stopped["id"]) == 0
    bob.merge(run["id"], {"values": {"objective": {"value": 0.5}}, "state": "completed"})
    assert trials(stopped) == [(0, "complete", 0.5)]
    assert sweep_of(stopped).state == "complete"
    run = bob.begin(cancelled["id"])
    cancel_sweep(sweep=sweep_of(cancelled), user=cast.alice)
    assert bob.remaining(cancelled["id"]) == 0
    assert bob.merge(run["id"], {"state": "completed"}).status_code == 200
    assert trials(cancelled) == [(0, "cancelled", None)]


def test_only_a_right_key_reaches_anything(bob: Script, cast: Cast) -> None:
    experiment = bob.create()
    run = bob.begin(experiment["id"])
    paths = [
        ("GET", f"aiexperiments/{experiment['id']}", 404),
        ("POST", f"aiexperiments/{experiment['id']}/training_runs", 404),
        ("GET", f"aiexperiments/{experiment['id']}/best_training_runs", 404),
        ("GET", f"training_runs/{run['id']}", 404),
        ("MERGE", f"training_runs/{run['id']}", 404),
        ("GET", f"clients/{cast.team.public_id}/projects/huggingface", 404),
        ("POST", f"clients/{cast.team.public_id}/projects/huggingface/aiexperiments", 404),
    ]
    token, text = make_token(user=cast.bob, team=cast.team, name="old")
    revoke(token)
    charlie = Script(make_token(user=cast.charlie, team=cast.other, name="x")[1])
    for method, path, status in paths:
        assert charlie.send(method, path, {"state": "completed"}).status_code == status, path
        for key in ("", "x" * 40, "é", bob.key[:-1] + "!", text):
            assert Script(key).send(method, path, {"state": "completed"}).status_code == 401, path
    assert Sweep.objects.count() == 1
    assert trials(experiment) == [(0, "running", None)]


METRIC = {"name": "objective"}
BAD_EXPERIMENTS: list[tuple[dict[str, Any], str]] = [
    ({"parameters": None}, "parameters: a list with at least one parameter is expected."),
    ({"parameters": {"lr": {}}}, "parameters: a list"),
    ({"parameters": SPACE * 60}, "parameters: at most 200"),
    ({"parameters": [1, "x", None]}, "Parameter 1: it has no name."),
    ({"parameters": [{"name": "lr", "type": "double"}]}, "lr: it has no bounds"),
    ({"parameters": [{"name": "lr", "type": {}, "bounds": []}]}, "lr: its type"),
    ({"parameters": [{"name": "n", "type": "int", "bounds": {"min": 5, "max": 1}}]}, "low 5 is above high 1"),
    ({"parameters": [{"name": "lr", "type": "double", "bounds": {"min": 0, "max": 1}}] * 2}, "stands in the space"),
    ({"parameters": [{**SPACE[0], "conditions": {"optimizer": ["sgd"]}}]}, "which is no conditional"),
    ({"linear_constraints": [{"type": "less_than", "terms": []}]}, "A linear constraint"),
    ({"budget": 0}, "The budget"),
    ({"budget": "many"}, "The budget"),
    ({"metrics": []}, "metrics: a list"),
    ({"metrics": ["objective"]}, "metrics: each one needs a name"),
    ({"metrics": [{**METRIC, "objective": "smaller"}]}, "minimize or maximize, not 'smaller'"),
    ({"metrics": [{**METRIC, "strategy": "constraint"}]}, "hpweb takes optimize and store"),
    ({"metrics": [{**METRIC, "strategy": "store"}]}, "none of them is to be optimised"),
    ({"metrics": [METRIC, METRIC]}, "it is listed twice"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_EXPERIMENTS)
def test_a_definition_that_would_not_be_honoured_is_refused(bob: Script, changes: dict[str, Any], message: str) -> None:
    client = bob.ask("GET", "tokens/self")["client"]
    answer = bob.send("POST", f"clients/{client}/projects/p/aiexperiments", {**DEFINITION, **changes})
    assert answer.status_code == 400
    assert message in answer.json()["message"]  # type: ignore[attr-defined]  # a test's response has it
    assert not Sweep.objects.exists()


BAD_BODIES = [
    b"{",
    b"[]",
    b"3",
    b"\xff",
    b'{"values": {"objective": {"value": NaN}}}',
    b'{"values": {"objective": {"value": 1e999}}}',
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b"[" * 100_000,
    b'{"values": {"objective": {"value": 1' + b"0" * 400 + b"}}}",
    b'{"values": {"objective": {"value": true}}}',
    b'{"values": {"objective": 1}}',
    b'{"values": {"": {"value": 1}}}',
    b'{"values": [1]}',
    b'{"state": []}',
    b'{"state": "paused"}',
    b'{"assignments": {"learning_rate": 3}}',
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_what_cannot_be_told_of_a_run_is_refused(bob: Script, body: bytes) -> None:
    experiment = bob.create()
    run = bob.begin(experiment["id"])
    assert bob.merge(run["id"], body).status_code == 400
    assert trials(experiment) == [(0, "running", None)]


def test_the_rest_of_sigopts_addresses_and_methods(bob: Script) -> None:
    experiment = bob.create()
    run = bob.begin(experiment["id"])
    assert bob.merge(run["id"], b"x" * (2**20 + 1)).status_code == 413
    assert bob.send("DELETE", f"training_runs/{run['id']}").status_code == 405
    assert bob.send("POST", "experiments", {}).status_code == 404
    assert bob.send("GET", "training_runs/..").status_code == 404
    assert bob.send("GET", f"training_runs/{experiment['id']}-999999999-1").status_code == 404
    told = {"metadata": {"a": 1}, "assignments": {"own": 3}, "logs": {"stdout": {"content": "x"}}}
    assert bob.merge(run["id"], told).status_code == 200
    assert bob.ask("GET", f"training_runs/{run['id']}")["assignments"] == run["assignments"]
