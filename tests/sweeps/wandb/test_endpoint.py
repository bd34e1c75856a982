"""The endpoint, request by request: keys, idempotence, ends of runs, refusals."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from runners.protocol.job import PermitRequest
from sweeps.models import Job, Sweep, Trial
from sweeps.queries.snapshot import snapshot
from sweeps.services.claim import claim
from sweeps.services.control import cancel_sweep, stop_sweep
from sweeps.services.permits import grant
from sweeps.services.reap import reap
from sweeps.services.schedule import schedule
from teams.connections import keep_secret
from teams.tokens import make_token
from tests.factories import Cast
from tests.sweeps.talk import Talk, online_runner, queued_sweep
from tests.sweeps.wandb.talk import RANDOM, Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob(cast: Cast) -> Program:
    """Bob's script."""
    return Program(make_token(user=cast.bob, team=cast.team, name="laptop")[1])


def trials(sweep: str) -> list[tuple[int, str, Any]]:
    rows = snapshot(Sweep.objects.get(public_id=sweep))["trials"]
    return [(row["number"], row["state"], row["value"]) for row in rows]


def test_a_scripts_trials_from_the_sweep_to_its_end(bob: Program, cast: Cast) -> None:
    sweep = bob.sweep({**RANDOM, "name": "Mine", "run_cap": 2})
    agent = bob.agent(sweep)
    (first,) = bob.beat(agent)
    assert first["type"] == "run"
    bob.train(agent, first["run_id"], 0.9, 0.5)
    (second,) = bob.beat(agent)
    assert second["run_id"] != first["run_id"]
    bob.train(agent, second["run_id"], 0.4, exitcode=1)
    assert bob.beat(agent) == [{"type": "exit"}]
    assert trials(sweep) == [(0, "complete", 0.5), (1, "fail", None)]
    found = Sweep.objects.get(public_id=sweep)
    assert (found.name, found.state, found.created_by, found.n_trials) == ("Mine", "complete", cast.bob, 2)
    trial = Trial.objects.get(sweep=found, number=0)
    assert trial.params == {"lr": first["args"]["lr"]["value"]}
    assert trial.intermediate == [[0, None, 0.9], [1, None, 0.5]]
    assert snapshot(found)["curves"]["0"]["val/loss"]["value"] == [0.9, 0.5]
    failed = Trial.objects.get(sweep=found, number=1)
    assert failed.failure_message == "The script ended this trial with exit code 1. Its own output says why."


def test_complete_is_not_the_end_while_the_agent_lists_the_run(bob: Program) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    (command,) = bob.beat(agent)
    run = command["run_id"]
    bob.init(run)
    bob.stream(run, complete=True, exitcode=0)
    assert bob.beat(agent, run) == []
    assert trials(sweep) == [(0, "running", None)]
    assert bob.init(run)["historyLineCount"] == 0
    bob.stream(run, {"train/global_step": 4, "train/epoch": 0.5, "val/loss": 0.3})
    bob.stream(run, {"train/global_step": 4, "train/epoch": 0.5, "val/loss": 0.3})
    bob.stream(run, {"train/global_step": 8, "val/loss": "NaN"}, {"val/loss": 0.2, "_step": 9}, offset=1)
    assert bob.init(run)["historyLineCount"] == 3
    bob.stream(run, complete=True, exitcode=0)
    bob.beat(agent)
    assert trials(sweep)[0] == (0, "complete", 0.2)
    assert Trial.objects.get(number=0).intermediate == [[4, 0.5, 0.3], [8, None, "nan"], [9, None, 0.2]]


def test_a_lost_answer_gives_the_same_run_again(bob: Program) -> None:
    sweep = bob.sweep(RANDOM)
    assert bob.sweep(RANDOM) == sweep, "a repeated request makes no second sweep"
    agent = bob.agent(sweep)
    assert bob.sweep(RANDOM) != sweep, "a sweep that somebody works on is another matter"
    first = bob.beat(agent)
    assert bob.beat(agent) == first
    run = first[0]["run_id"]
    bob.init(run)
    bob.init(run)
    assert Trial.objects.count() == 1
    assert bob.beat(agent, run) == []


def test_a_function_without_wandb_init_fails_instead_of_coming_again_for_ever(bob: Program) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    run = bob.beat(agent)[0]["run_id"]
    assert bob.beat(agent, run) == []
    assert bob.beat(agent)[0]["run_id"] != run
    assert Trial.objects.get(number=0).failure_message.startswith("The script's function ended without wandb.init")


def test_a_metric_that_was_never_logged_is_a_failure_that_says_so(bob: Program) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    run = bob.beat(agent)[0]["run_id"]
    bob.init(run)
    bob.stream(run, {"loss": 1.0})
    bob.stream(run, complete=True, exitcode=0)
    bob.beat(agent)
    assert Trial.objects.get(number=0).failure_message.startswith("val/loss was never logged.")


def test_two_agents_share_a_grid_and_each_point_comes_once(bob: Program) -> None:
    sweep = bob.sweep({**RANDOM, "method": "grid", "parameters": {"a": {"values": [1, 2, 3]}, "b": {"value": "x"}}})
    agents = [bob.agent(sweep), bob.agent(sweep)]
    seen = []
    for place in range(3):
        agent = agents[place % 2]
        (command,) = bob.beat(agent)
        seen.append(command["args"])
        bob.train(agent, command["run_id"], 1.0)
    assert bob.beat(agents[0]) == [], "the other one's trial may yet be lost"
    assert [bob.beat(agent) for agent in reversed(agents)] == [[{"type": "exit"}]] * 2
    assert seen == [{"a": {"value": value}, "b": {"value": "x"}} for value in (1, 2, 3)]
    assert Sweep.objects.get(public_id=sweep).state == "complete"


def test_hyperband_stops_the_worse_one_which_is_then_pruned(bob: Program) -> None:
    sweep = bob.sweep({**RANDOM, "early_terminate": {"type": "hyperband", "min_iter": 2, "eta": 2}})
    agent = bob.agent(sweep)
    for _ in range(2):
        run = bob.beat(agent)[0]["run_id"]
        bob.train(agent, run, 0.2, 0.1)
    run = bob.beat(agent)[0]["run_id"]
    bob.init(run)
    bob.stream(run, {"val/loss": 0.9}, {"val/loss": 0.8})
    assert bob.beat(agent, run) == [{"type": "stop", "run_id": run}]
    assert bob.beat(agent) == []
    bob.stream(run, complete=True, exitcode=1)
    bob.beat(agent)
    assert trials(sweep)[2] == (2, "pruned", 0.8)


def test_an_agent_that_falls_silent_is_done_and_another_goes_on(bob: Program) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    bob.train(agent, bob.beat(agent)[0]["run_id"], 0.5)
    reap(now=timezone.now() + timedelta(seconds=90))
    assert trials(sweep) == [(0, "complete", 0.5)]
    assert Sweep.objects.get(public_id=sweep).state == "complete"
    assert bob.beat(agent) == [{"type": "exit"}]
    again = bob.agent(sweep)
    assert bob.beat(again)[0]["run_id"].startswith(f"{sweep}-1-")


def test_stop_and_cancel_on_the_page_reach_the_script(bob: Program, cast: Cast) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    run = bob.beat(agent)[0]["run_id"]
    bob.init(run)
    stop_sweep(sweep=Sweep.objects.get(public_id=sweep), user=cast.alice)
    assert bob.beat(agent, run) == []
    cancel_sweep(sweep=Sweep.objects.get(public_id=sweep), user=cast.alice)
    assert bob.beat(agent, run) == [{"type": "exit"}]
    assert trials(sweep)[0][1] == "cancelled"
    assert bob.post("CreateAgent", sweep=sweep, host="x").status_code == 400


def test_only_a_right_key_reaches_anything(bob: Program, cast: Cast) -> None:
    sweep = bob.sweep(RANDOM)
    agent = bob.agent(sweep)
    run = bob.beat(agent)[0]["run_id"]
    for key in ("", "x" * 40, bob.key[:-1] + "!", "hpj_" + "0" * 108):
        stranger = Program(key)
        assert stranger.post("Viewer").status_code == 401
        assert stranger.stream(run, {"val/loss": 1.0}).status_code == 401
    charlie = Program(make_token(user=cast.charlie, team=cast.other, name="x")[1])
    assert charlie.post("CreateAgent", sweep=sweep, host="x").status_code == 404
    assert charlie.post("Heartbeat", id=agent, runState="{}").status_code == 404
    assert charlie.post("UpsertBucket", name=run).status_code == 403
    assert charlie.stream(run, {"val/loss": 1.0}).status_code == 403
    assert charlie.ask("Viewer")["viewer"]["entity"] == cast.other.public_id
    assert Sweep.objects.get().trials.get().state == "waiting"


def test_a_runners_own_sweep_is_no_scripts_to_join(bob: Program, cast: Cast) -> None:
    sweep = queued_sweep(cast.team, backend={"name": "wandb"})
    assert bob.post("CreateAgent", sweep=sweep.public_id, host="x").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"method": "anneal"}, "method: 'anneal' is unknown"),
        ({"parameters": {}}, "parameters: name at least one"),
        ({"method": "grid"}, "parameters.lr: a grid needs a finite number"),
        ({"method": "bayes", "metric": None}, "metric: give its name and its goal"),
        ({"metric": {"name": "x", "goal": ["minimize", "maximize"]}}, "hpweb takes one metric"),
        ({"early_terminate": {"type": "envelope"}}, "hyperband is the only one"),
        ({"early_terminate": {"type": "hyperband"}}, "give min_iter, or max_iter with s"),
        ({"early_terminate": {"type": "hyperband", "max_iter": 2, "s": 1, "eta": 9}}, "no bracket is left"),
        ({"run_cap": 0}, "run_cap: a whole number from 1"),
        ({"note": float("inf")}, "only strings, finite numbers"),
        ({"note": "a\0b"}, "a NUL character"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused_when_the_sweep_is_made(
    bob: Program, changes: dict[str, Any], sentence: str
) -> None:
    import yaml

    answer = bob.post("UpsertSweep", config=yaml.dump({**RANDOM, **changes}))
    assert answer.status_code == 400
    assert sentence in json.loads(answer.content)["errors"][0]["message"]
    assert not Sweep.objects.exists()


@pytest.mark.parametrize("text", [None, "", "a: [", "- 1", "a: &a [1]\nb: *a", "x" * 70_000, "? [1]\n: 2"])
def test_what_is_no_configuration_is_refused(bob: Program, text: object) -> None:
    assert bob.post("UpsertSweep", config=text).status_code == 400


def test_an_unknown_operation_is_an_error_that_the_client_does_not_repeat(bob: Program) -> None:
    answer = bob.post("ServerFeaturesQuery")
    assert answer.status_code == 200
    assert json.loads(answer.content) == {
        "errors": [{"message": "unsupported operation 'ServerFeaturesQuery'"}],
        "data": None,
    }
    assert bob.ask("CreateRunFiles", run="r", files=["config.yaml"])["createRunFiles"]["files"] == [
        {"name": "config.yaml", "uploadUrl": None}
    ]
    assert bob.client.post("/wandb/sdk/otel/v1/metrics", {}).status_code == 404
    for body in ("", "[]", "{", '{"operationName": 7}'):
        code = bob.client.post("/wandb/graphql", body, content_type="application/json").status_code
        assert code in (200, 400)


def test_a_run_of_no_sweep_is_refused(bob: Program) -> None:
    answer = bob.post("UpsertBucket", name="abc123")
    assert answer.status_code == 403
    assert "runs of sweeps only" in json.loads(answer.content)["errors"][0]["message"]


def test_the_links_that_the_client_prints_lead_to_the_page(bob: Program, cast: Cast) -> None:
    from django.test import Client

    sweep = bob.sweep(RANDOM)
    page = Client()
    page.force_login(cast.vera)
    assert page.get(f"/wandb/x/y/sweeps/{sweep}")["Location"] == f"/sweeps/{sweep}/"
    assert page.get(f"/wandb/x/y/runs/{sweep}-3-1")["Location"] == f"/sweeps/{sweep}/#trial-3"
    assert page.get("/wandb/x/y")["Location"] == "/sweeps/"
    page.force_login(cast.charlie)
    assert page.get(f"/wandb/x/y/sweeps/{sweep}").status_code == 404


# A runner's job


def claimed(cast: Cast, **backend: Any) -> tuple[Talk, Program]:
    """A job with one permit, and the program that its child is."""
    queued_sweep(cast.team, backend={"name": "wandb", **backend})
    online_runner()
    (job,) = schedule()
    talk = Talk(job)
    secrets = claim(job=job, claim_id=talk.claim_id).secrets
    return talk, Program(secrets["WANDB_API_KEY"])


def test_a_child_gets_its_permits_parameters_and_gets_them_again(cast: Cast) -> None:
    talk, child = claimed(cast)
    (permit,) = grant(job=talk.job, request=PermitRequest(claim_id=talk.claim_id)).permits
    name = f"{talk.job.public_id}-{permit.number}-{permit.attempt}"
    assert child.agent(name) == name
    (command,) = child.beat(name)
    assert child.beat(name) == [command]
    rate = command["args"]["learning_rate"]["value"]
    assert 1e-5 <= rate <= 1e-2
    assert Trial.objects.get().params == {"learning_rate": rate}
    assert child.beat(name, name) == []
    assert child.init(name)["name"] == name
    assert child.stream(name, {"eval/accuracy": 0.9}, complete=True, exitcode=0).status_code == 200
    assert Trial.objects.get().state == "waiting"


def test_a_jobs_key_opens_its_own_permits_only_and_ends_with_its_claim(cast: Cast) -> None:
    talk, child = claimed(cast)
    grant(job=talk.job, request=PermitRequest(claim_id=talk.claim_id))
    assert child.post("CreateAgent", sweep=f"{talk.job.public_id}-5-1", host="x").status_code == 404
    assert child.post("CreateAgent", sweep="AAAAAAAAAAAA-0-1", host="x").status_code == 404
    assert child.post("UpsertSweep", config="{}").status_code == 403
    Job.objects.update(state="lost")
    assert child.post("Viewer").status_code == 401


def test_a_sweep_on_w_and_b_itself_gets_the_teams_key_and_no_other_sweep_does(cast: Cast) -> None:
    keep_secret(team=cast.team, user=cast.alice, name="WANDB_API_KEY", value="k" * 40)
    keep_secret(team=cast.team, user=cast.alice, name="WANDB_BASE_URL", value="https://wandb.example.org")
    online_runner(slots=3)
    wanted = {"wandb": {"name": "wandb", "server": "wandb"}, "optuna": {"name": "optuna"}}
    sweeps = {name: queued_sweep(cast.team, backend=backend) for name, backend in wanted.items()}
    schedule()
    given = {name: claim(job=Job.objects.get(sweep=sweep), claim_id="0" * 32).secrets for name, sweep in sweeps.items()}
    assert given == {
        "wandb": {"WANDB_API_KEY": "k" * 40, "WANDB_BASE_URL": "https://wandb.example.org"},
        "optuna": {},
    }


def test_a_later_job_joins_the_sweep_that_an_earlier_one_has_made_on_w_and_b(cast: Cast) -> None:
    talk, _ = claimed(cast)
    talk.send(talk.event("sweep_named", service="wandb", id="7jku9nr0"))
    reap(now=timezone.now() + timedelta(hours=1))
    online_runner()
    (job,) = schedule()
    assert claim(job=job, claim_id="1" * 32).wandb_sweep == "7jku9nr0"
