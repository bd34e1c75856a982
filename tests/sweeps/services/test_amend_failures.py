"""The limit of failed trials of a sweep that has started."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import SweepAct
from sweeps.queries.timeline import timeline
from sweeps.services.amend import amend_budget, extend_sweep, max_failed
from sweeps.validation.problems import Invalid
from tests.factories import Cast
from tests.sweeps.services.test_pausing import next_job
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db


def with_failures(cast: Cast, count: int, limit: int | None = 2) -> Talk:
    talk = running_job(cast.team, n_trials=9, budget={"n_trials": 9, "max_failed_trials": limit})
    for number in range(count):
        talk.permits()
        talk.send(talk.started(number), talk.failed(number))
    return talk


def test_a_raised_limit_lets_the_sweep_go_on_and_a_lowered_one_ends_it_earlier(cast: Cast) -> None:
    talk = with_failures(cast, 2)
    amend_budget(sweep=talk.sweep, user=cast.bob, max_failed_trials=3)
    talk.permits()
    talk.send(talk.started(2), talk.failed(2))
    assert (talk.sweep.state, talk.sweep.n_trials, max_failed(talk.sweep)) == ("running", 9, 3)
    with pytest.raises(Invalid, match="3 trials have failed already"):
        amend_budget(sweep=talk.sweep, user=cast.bob, max_failed_trials=2)
    amend_budget(sweep=talk.sweep, user=cast.bob, max_failed_trials=None)
    amend_budget(sweep=talk.sweep, user=cast.bob, max_failed_trials=3)
    talk.permits()
    talk.send(talk.started(3), talk.failed(3))
    assert (talk.sweep.state, talk.sweep.failure_code) == ("fail", "too_many_failures")
    said = [(act["who"], act["says"]) for act in timeline(talk.sweep) if act["verb"] == "budget"]
    assert said == [
        (str(cast.bob), "Failed trials allowed from 2 to 3"),
        (str(cast.bob), "Failed trials allowed from 3 to none"),
        (str(cast.bob), "Failed trials allowed from none to 3"),
    ]


def test_a_sweep_that_failed_by_its_limit_is_extended_with_another(cast: Cast) -> None:
    talk = with_failures(cast, 3)
    assert talk.sweep.state == "fail"
    talk.send(talk.ended("released"))
    with pytest.raises(Invalid, match="max_failed_trials"):
        extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=2, max_failed_trials=2)
    extend_sweep(sweep=talk.sweep, user=cast.bob, n_trials=2, max_failed_trials=4)
    later = next_job(talk.sweep)
    later.permits()
    later.send(later.started(3), later.failed(3))
    assert (talk.sweep.state, max_failed(talk.sweep)) == ("running", 4)
    act = SweepAct.objects.get(verb="extended")
    assert (act.detail["before"]["max_failed_trials"], act.detail["after"]["max_failed_trials"]) == (2, 4)
    assert timeline(talk.sweep)[-2]["says"].endswith("5 in all; Failed trials allowed from 2 to 4")


@pytest.mark.parametrize(
    ("body", "code", "limit"),
    [
        ({"max_failed_trials": 5}, 200, 5),
        ({"max_failed_trials": None}, 200, None),
        ({"n_trials": 8}, 200, 2),
        ({"max_failed_trials": 0}, 400, 2),
        ({"max_failed_trials": 10**9}, 400, 2),
        ({"max_failed_trials": 5, "parameters": {"learning_rate": {"low": 1.0}}}, 400, 2),
    ],
)
def test_the_api_takes_the_limit(
    cast: Cast, client: Client, body: dict[str, Any], code: int, limit: int | None
) -> None:
    talk = with_failures(cast, 1)
    client.force_login(cast.bob)
    at = f"/api/v1/sweeps/{talk.sweep.public_id}/amend/"
    answer = client.post(at, body, content_type="application/json")
    assert (answer.status_code, max_failed(talk.sweep)) == (code, limit)


def test_the_page_of_changes_has_the_limit(cast: Cast, client: Client) -> None:
    talk = with_failures(cast, 2)
    client.force_login(cast.bob)
    at = f"/sweeps/{talk.sweep.public_id}/change/"
    assert 'name="max_failed_trials" value="2"' in client.get(at).content.decode()
    told = {"act": "budget", "n_trials": "9", "timeout_minutes": "", "max_failed_trials": "1"}
    refused = client.post(at, told)
    assert refused.status_code == 422
    assert "2 trials have failed already." in refused.content.decode()
    assert client.post(at, {**told, "max_failed_trials": ""}).status_code == 302
    assert max_failed(talk.sweep) is None
