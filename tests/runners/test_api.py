"""The API for runners over HTTP: tokens, hello, heartbeat, and the whole conversation of a job."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from runners.models import Runner
from runners.protocol.job import BatchAnswer, Claimed, Permits, Refusal
from runners.protocol.runner import HeartbeatAnswer, Welcome
from sweeps.models import Job
from tests.factories import Cast, make_runner
from tests.sweeps.talk import Talk, hello, online_runner, queued_sweep

pytestmark = pytest.mark.django_db
ROOT = "/api/runner/v1/"
Post = Callable[..., HttpResponse]


class Wire:
    """A runner's HTTP client."""

    def __init__(self, client: Client, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: Any) -> Any:
        data = body if isinstance(body, bytes) else None
        if data is not None:
            return self.client.post(ROOT + path, data, content_type="application/json", headers=self.headers)
        return self.client.post(ROOT + path, body, content_type="application/json", headers=self.headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(ROOT + path, headers={**self.headers, **headers})


@pytest.fixture
def wire(client: Client) -> Wire:
    _, token = make_runner("box")
    return Wire(client, token)


@pytest.fixture
def runner(wire: Wire) -> Runner:
    return Runner.objects.get(name="box")


def heartbeat(instance: str, **changes: Any) -> dict[str, Any]:
    return {"instance": instance, "cpu_percent": 12.5, "memory_used": 2**20, "disk_free": 2**30, **changes}


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", "Basic dXNlcg==", "bearer  x y", "Bearer \u00e4", "hpr_x"]
)
@pytest.mark.parametrize("path", ["hello", "heartbeat", "jobs/AAAAAAAAAAAA/claim", "uploads"])
def test_without_a_valid_token_nothing_answers(client: Client, header: str | None, path: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.post(ROOT + path, {}, content_type="application/json", headers=headers)
    refusal = Refusal.model_validate_json(answer.content)
    assert (answer.status_code, refusal.code) == (401, "bad_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_persons_session_is_no_token(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    assert client.post(f"{ROOT}hello", hello(), content_type="application/json").status_code == 401


def test_a_new_token_replaces_the_old_one(wire: Wire, runner: Runner) -> None:
    runner.new_token()
    runner.save()
    assert wire.post("hello", hello()).status_code == 401


def test_hello_tells_the_runner_all_it_must_know(wire: Wire, runner: Runner) -> None:
    said = hello(slots=3)
    welcome = Welcome.model_validate_json(wire.post("hello", said).content)
    runner.refresh_from_db()
    assert (runner.state, runner.slots, runner.instance) == ("online", 3, said["instance"])
    assert (welcome.runner, welcome.queue) == (runner.public_id, f"hpweb.runner.{runner.public_id}")
    assert welcome.broker_url.startswith("filesystem://")
    assert str(welcome.broker_options["data_folder_in"]).startswith("/")
    assert (welcome.heartbeat_s, welcome.lease_s, runner.facts["hostname"]) == (5.0, 60.0, "box")


def test_another_protocol_is_refused_with_what_to_do(wire: Wire) -> None:
    answer = wire.post("hello", {"protocol_version": 99, "a field of the future": 1})
    refusal = Refusal.model_validate_json(answer.content)
    assert (answer.status_code, refusal.code) == (400, "protocol_version")
    assert "Update the server" in refusal.message


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"", "body"), (b"{", "body"), (b"[]", "body"), (hello(slots=0), "slots"), (hello(pid="x"), "pid")],
)
def test_a_bad_hello_names_its_field(wire: Wire, body: Any, field: str) -> None:
    answer = wire.post("hello", body)
    assert answer.status_code == 400
    assert next(iter(Refusal.model_validate_json(answer.content).fields)) == field


def test_heartbeats_list_offers_and_keep_the_runner_online(wire: Wire, runner: Runner, cast: Cast) -> None:
    said = hello()
    wire.post("hello", said)
    Runner.objects.update(state="offline", last_seen=timezone.now() - timedelta(hours=1))
    queued_sweep(cast.team)
    answer = HeartbeatAnswer.model_validate_json(wire.post("heartbeat", heartbeat(said["instance"])).content)
    assert answer.offers == (Job.objects.get().public_id,)
    runner.refresh_from_db()
    assert (runner.state, runner.load["cpu_percent"]) == ("online", 12.5)


def test_an_unknown_instance_must_say_hello(wire: Wire) -> None:
    wire.post("hello", hello())
    answer = HeartbeatAnswer.model_validate_json(wire.post("heartbeat", heartbeat("f" * 32)).content)
    assert (answer.hello, answer.offers) == (True, ())


def test_a_stopping_runner_gets_no_offers(wire: Wire, runner: Runner, cast: Cast) -> None:
    said = hello()
    wire.post("hello", said)
    queued_sweep(cast.team)
    answer = wire.post("heartbeat", heartbeat(said["instance"], stopping=True)).json()
    runner.refresh_from_db()
    assert (answer["offers"], runner.state, Job.objects.count()) == ([], "offline", 0)


def test_a_runner_that_a_person_paused_stays_paused(wire: Wire, runner: Runner) -> None:
    Runner.objects.update(state="paused")
    said = hello()
    wire.post("hello", said)
    wire.post("heartbeat", heartbeat(said["instance"]))
    runner.refresh_from_db()
    assert runner.state == "paused"


class TestJob:
    @pytest.fixture
    def talk(self, wire: Wire, cast: Cast) -> Talk:
        wire.post("hello", hello())
        queued_sweep(cast.team, n_trials=1)
        wire.post("hello", hello())
        return Talk(Job.objects.get())

    def test_the_whole_conversation(self, wire: Wire, talk: Talk) -> None:
        path = f"jobs/{talk.job.public_id}/"
        claimed = Claimed.model_validate_json(wire.post(f"{path}claim", {"claim_id": talk.claim_id}).content)
        again = Claimed.model_validate_json(wire.post(f"{path}claim", {"claim_id": talk.claim_id}).content)
        assert claimed == again
        assert claimed.spec.budget.n_trials == 1
        answer = wire.post(f"{path}permits", {"claim_id": talk.claim_id, "holding": [], "count": 1})
        (permit,) = Permits.model_validate_json(answer.content).permits
        assert (permit.number, permit.attempt, permit.params) == (0, 1, None)
        sent = wire.post(f"{path}events", talk.body(*talk.whole_trial(0, "nan"), talk.ended()))
        assert BatchAnswer.model_validate_json(sent.content) == BatchAnswer(
            acked_seq=6, wanted="cancel", lease_s=60.0, finished=True
        )
        assert talk.sweep.state == "complete"

    def test_refusals_carry_the_contracts_codes(self, wire: Wire, talk: Talk) -> None:
        path = f"jobs/{talk.job.public_id}/"
        wire.post(f"{path}claim", {"claim_id": talk.claim_id})
        fenced = wire.post(f"{path}claim", {"claim_id": "0" * 32})
        assert (fenced.status_code, fenced.json()["code"]) == (409, "fenced")
        talk.seq = 4
        gap = wire.post(f"{path}events", talk.body(talk.event("job_started", versions={}, device="cpu")))
        assert (gap.status_code, gap.json()["code"], gap.json()["expected_seq"]) == (409, "gap", 1)
        bad = wire.post(f"{path}events", talk.body({"seq": 1, "t": 0, "type": "metrics"}))
        assert (bad.status_code, bad.json()["code"]) == (400, "invalid")
        assert bad.json()["message"].startswith("events.0.number: ")
        large = wire.post(f"{path}events", b" " * (8 * 2**20 + 1))
        assert (large.status_code, large.json()["code"]) == (413, "too_large")
        Job.objects.update(state="released")
        late = wire.post(f"{path}claim", {"claim_id": talk.claim_id})
        assert (late.status_code, late.json()["code"]) == (409, "not_offered")

    @pytest.mark.parametrize("verb", ["claim", "permits", "events"])
    def test_another_runners_job_does_not_exist(self, client: Client, talk: Talk, verb: str) -> None:
        _, token = online_runner()
        stranger = Wire(client, token)
        for job in (talk.job.public_id, "AAAAAAAAAAAA"):
            answer = stranger.post(f"jobs/{job}/{verb}", {"claim_id": talk.claim_id})
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        talk.job.refresh_from_db()
        assert talk.job.state == "offered"
