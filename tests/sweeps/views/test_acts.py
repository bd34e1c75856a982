"""The pages of the verbs, as plain forms."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Sweep, Trial
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import queued_sweep, running_job

pytestmark = pytest.mark.django_db

BATCH = {
    "parameters": [
        {"type": "float", "name": "learning_rate", "low": 1e-5, "high": 1e-2, "log": True},
        {"type": "categorical", "name": "per_device_train_batch_size", "choices": [8, 16, 32]},
        {"type": "int", "name": "gradient_accumulation_steps", "low": 1, "high": 4},
    ]
}


@pytest.fixture
def bob(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def page(client: Client, path: str) -> str:
    answer = client.get(f"/sweeps/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_pause_and_resume_stand_where_they_apply(bob: Client, cast: Cast) -> None:
    at = queued_sweep(cast.team).public_id
    assert "Pause this sweep?" in page(bob, f"{at}/")
    bob.post(f"/sweeps/{at}/pause/", {"checkpoint": "1"})
    shown = page(bob, f"{at}/")
    assert "Paused: no runner is held, nothing is lost." in shown
    assert "Pause: running trials leave at a checkpoint" in shown
    bob.post(f"/sweeps/{at}/resume/")
    assert Sweep.objects.get().state == "queued"
    assert 'Goes on <span class="quiet">by Bob</span>' in page(bob, f"{at}/")


def test_a_trial_of_ones_own(bob: Client, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2, space=BATCH)
    talk.permits()
    params = {"learning_rate": 0.002, "per_device_train_batch_size": 16, "gradient_accumulation_steps": 1}
    talk.send(talk.started(0, params=params), talk.finished(0))
    at = talk.sweep.public_id
    form = page(bob, f"{at}/trials/add/")
    assert "From 1e-05 to 0.01." in form  # each field its bounds; whose values stand there is said once
    assert form.count("The values are those of the best trial, number 0.") == 1
    assert 'value="0.002"' in form
    assert '<option value="1" selected>16</option>' in form
    told = {"p-0": "2", "p-1": "0", "p-2": "2"}
    answer = bob.post(f"/sweeps/{at}/trials/add/", told)
    assert answer.status_code == 422
    assert "learning_rate must be a number from 1e-05 to 0.01, not 2." in answer.content.decode()
    assert bob.post(f"/sweeps/{at}/trials/add/", told | {"p-0": "3e-3"}).status_code == 302
    made = Trial.objects.get(number=1)
    assert made.params == {"learning_rate": 0.003, "per_device_train_batch_size": 8, "gradient_accumulation_steps": 2}
    assert "Waiting trials of your own" in page(bob, f"{at}/")
    bob.post(f"/sweeps/{at}/trials/1/change/", told | {"p-0": "4e-3"})
    made.refresh_from_db()
    assert made.params["learning_rate"] == 0.004
    bob.post(f"/sweeps/{at}/trials/1/remove/")
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert "Waiting trials of your own" not in page(bob, f"{at}/")


def test_after_an_out_of_memory_half_the_batch_is_ready(bob: Client, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=1, space=BATCH)
    talk.permits()
    params = {"learning_rate": 0.002, "per_device_train_batch_size": 32, "gradient_accumulation_steps": 2}
    talk.send(talk.started(0, params=params), talk.failed(0, code="oom"), talk.ended())
    at = talk.sweep.public_id
    form = page(bob, f"{at}/trials/0/retry/")
    assert "It ran out of memory with per_device_train_batch_size 32: 16 is proposed, with" in form
    assert '<option value="1" selected>16</option>' in form
    bob.post(f"/sweeps/{at}/trials/0/retry/", {"p-0": "0.002", "p-1": "1", "p-2": "4"})
    again = Trial.objects.get(number=1)
    assert (again.origin, again.params) == (
        "retry",
        {"learning_rate": 0.002, "per_device_train_batch_size": 16, "gradient_accumulation_steps": 4},
    )
    bob.post(f"/sweeps/{at}/trials/0/retry/", {"same": "1"})
    assert Trial.objects.get(number=2).params == params
    assert Sweep.objects.get().n_trials == 3


def test_chosen_trials_and_chosen_sweeps(bob: Client, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=2)
    talk.permits(count=2)
    talk.send(talk.started(0), talk.started(1), talk.failed(1))
    at = talk.sweep.public_id
    answer = bob.post(f"/sweeps/{at}/trials/bulk/", {"verb": "stop", "numbers": ["0", "1"]}, follow=True)
    shown = answer.content.decode()
    assert "Stop: 1 trial." in shown
    assert "Trial 1: Trial 1 has ended (fail), so there is nothing to stop." in shown
    assert Trial.objects.get(number=0).order == "stop"
    assert "stopping" in page(bob, f"{at}/")
    assert f"/sweeps/{at}/trials/0/prune/" in page(bob, f"{at}/trials/0/")
    assert f"/sweeps/{at}/trials/1/retry/" in page(bob, f"{at}/trials/1/")
    draft = make_sweep(cast.team, name="Only a draft")
    told = {"verb": "pause", "ids": [at, draft.public_id], "back": "//evil.example"}
    answer = bob.post("/sweeps/bulk/", told, follow=True)
    assert answer.redirect_chain == [("/sweeps/", 302)]
    assert "Only a draft: The sweep has not started" in answer.content.decode()
    assert Sweep.objects.get(public_id=at).wanted == "pause"
    assert "Choose one or more sweeps first" in bob.post("/sweeps/bulk/", follow=True).content.decode()


def test_budget_extension_and_space(bob: Client, cast: Cast) -> None:
    talk = running_job(cast.team, n_trials=3, space=BATCH)
    talk.permits(count=3)
    best = {"per_device_train_batch_size": 8, "gradient_accumulation_steps": 1}
    for number in range(3):
        talk.send(talk.started(number, params={"learning_rate": 0.0099, **best}), talk.finished(number, 0.5 + number))
    at = talk.sweep.public_id
    shown = page(bob, f"{at}/")
    assert "The three best trials stand at the upper end of" in shown
    assert "Extend it to 0.1" in shown
    bob.post(f"/sweeps/{at}/change/", {"act": "edges", "name": "learning_rate"})
    assert (Sweep.objects.get().spec or {})["space"]["parameters"][0]["high"] == 0.1
    answer = bob.post(f"/sweeps/{at}/change/", {"act": "budget", "n_trials": "1", "timeout_minutes": ""})
    assert "3 trials have ended, run or wait." in answer.content.decode()
    bob.post(f"/sweeps/{at}/change/", {"act": "budget", "n_trials": "5", "timeout_minutes": "2"})
    assert (Sweep.objects.get().n_trials, Sweep.objects.get().timeout_s) == (5, 120.0)
    space = {"act": "space", "r-0": "1e-05", "r-1": "0.1", "r-2": "8, 16, 64", "r-3": "1", "r-4": "4"}
    bob.post(f"/sweeps/{at}/change/", space)
    assert (Sweep.objects.get().spec or {})["space"]["parameters"][1]["choices"] == [8, 16, 64]
    answer = bob.post(f"/sweeps/{at}/change/", space | {"r-3": "9"})
    assert (answer.status_code, "above high" in answer.content.decode()) == (422, True)
    talk.send(talk.ended())
    Sweep.objects.update(state="complete")
    assert "Extend the sweep" in page(bob, f"{at}/change/")
    bob.post(f"/sweeps/{at}/change/", {"act": "extend", "n_trials": "2", "timeout_minutes": ""})
    assert (Sweep.objects.get().state, Sweep.objects.get().n_trials) == ("queued", 5)


def test_archive_and_delete(bob: Client, cast: Cast) -> None:
    sweep = make_sweep(cast.team, name="Old one", created_by=cast.alice)
    at = sweep.public_id
    assert bob.post(f"/sweeps/{at}/archive/").status_code == 403
    assert bob.get(f"/sweeps/{at}/remove/").status_code == 403
    Sweep.objects.update(created_by=cast.bob)
    bob.post(f"/sweeps/{at}/archive/")
    assert "Old one" not in page(bob, "")
    assert "Old one" in page(bob, "?archived=1")
    answer: Any = bob.post(f"/sweeps/{at}/remove/", {"name": "Odd one"})
    assert (answer.status_code, "to delete it." in answer.content.decode()) == (422, True)
    assert bob.post(f"/sweeps/{at}/remove/", {"name": "Old one"}).status_code == 302
    assert not Sweep.objects.exists()
