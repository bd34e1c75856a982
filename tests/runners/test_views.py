"""The page of the runners, and the admin's tokens."""

import re

import pytest
from django.test import Client

from runners.models import Runner, RunnerAct, hash_token
from runners.quarantine import quarantine, release
from tests.factories import Cast, make_runner, make_user
from tests.sweeps.talk import online_runner, running_job

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_a_runner_is_and_does(client: Client, cast: Cast) -> None:
    gpu = {"index": 0, "name": "H100 80GB", "memory_total": 80 * 2**30, "memory_used": 2**30, "utilisation": 50.0}
    facts = {"tasks": ["text-classification"], "hostname": "gpubox", "cpu_count": 16, "memory_total": 2**37}
    load = {
        "cpu_percent": 25.0,
        "memory_used": 2**36,
        "disk_free": 2**40,
        "accelerators": [gpu],
        "jobs": [{"job": "AAAAAAAAAAAA", "slots": 2, "children": 1, "trials": [3], "description": "Languages"}],
    }
    runner, _ = online_runner(name="the big one", slots=4, facts={**facts, "accelerators": [gpu]}, load=load)
    job = running_job(cast.team).job
    load["jobs"][0]["job"] = job.public_id  # type: ignore[index]  # a literal
    Runner.objects.filter(pk=runner.pk).update(load=load)
    client.force_login(cast.charlie)
    page = client.get("/runners/").content.decode()
    assert ("Languages" in page, "another team&#x27;s sweep" in page) == (False, True), "names stay in their team"
    client.force_login(cast.vera)
    page = client.get("/runners/").content.decode()
    for text in (
        "the big one",
        "gpubox",
        "online",
        "Languages",
        "16 core",
        "H100 80GB",
        "text-classification",
        "2 of 4 taken",
    ):
        assert text in page


def test_a_runner_that_never_came_is_shown_too(client: Client, cast: Cast) -> None:
    make_runner("fresh")
    client.force_login(cast.vera)
    page = client.get("/runners/").content.decode()
    assert "fresh" in page
    assert "never" in page


def test_another_teams_runner_is_not_shown(client: Client, cast: Cast) -> None:
    ours, _ = make_runner("ours")
    theirs, _ = make_runner("theirs")
    ours.teams.add(cast.team)
    theirs.teams.add(cast.other)
    client.force_login(cast.vera)
    page = client.get("/runners/").content.decode()
    assert ("ours" in page, "theirs" in page) == (True, False)


def test_without_a_runner_the_page_says_how_to_get_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.vera)
    assert b"HPWEB_RUNNER_TOKEN" in client.get("/runners/").content


def test_the_admin_shows_a_new_token_once(client: Client, db: None) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    answer = client.post("/admin/runners/runner/add/", {"name": "box", "state": "offline"}, follow=True)
    (token,) = re.findall(r"hpr_[\w-]+", answer.content.decode())
    runner = Runner.objects.get()
    assert runner.token_hash == hash_token(token)
    data = {"action": "rotate_tokens", "_selected_action": [runner.pk]}
    answer = client.post("/admin/runners/runner/", data, follow=True)
    (new,) = re.findall(r"hpr_[\w-]+", answer.content.decode())
    runner.refresh_from_db()
    assert new != token
    assert runner.token_hash == hash_token(new)
    page = client.get(f"/admin/runners/runner/{runner.pk}/change/").content.decode()
    assert (new in page, runner.token_hash in page) == (False, False)


def test_who_took_a_runner_out_and_let_it_back_is_kept_for_those_who_manage_it(client: Client, cast: Cast) -> None:
    runner, _ = online_runner(name="box")
    quarantine(runner, "3 failures in a row: CUDA.")
    client.force_login(cast.alice)
    client.post(f"/runners/{runner.public_id}/release/")
    runner.refresh_from_db()
    quarantine(runner, "A failure after it took part again.")
    release(runner, half_open=False, reason="The sweep fails elsewhere too.")
    told = [(act.user, act.verb, act.says) for act in RunnerAct.objects.order_by("pk")]
    assert told == [
        (None, "quarantined", "Taken out. 3 failures in a row: CUDA."),
        (cast.alice, "released", "Takes part again: one more failure takes it out."),
        (None, "quarantined", "Taken out. A failure after it took part again."),
        (None, "released", "Takes part again. The sweep fails elsewhere too."),
    ]
    page = client.get("/runners/").content.decode()
    assert all(says in page for _, _, says in told)
    assert f'one more failure takes it out. <span class="quiet">by {cast.alice}</span>' in page
    client.force_login(cast.vera)
    assert "Taken out." not in client.get("/runners/").content.decode()


def test_a_state_that_is_set_in_the_administration_is_kept(client: Client, cast: Cast) -> None:
    runner, _ = online_runner(name="box")
    admin = make_user(is_staff=True, is_superuser=True)
    client.force_login(admin)
    told = {"name": "box", "state": "draining"}
    client.post(f"/admin/runners/runner/{runner.pk}/change/", told)
    client.post(f"/admin/runners/runner/{runner.pk}/change/", told)
    act = RunnerAct.objects.get()
    assert (act.user, act.says) == (admin, "State from online to draining")


@pytest.mark.parametrize(
    ("used", "says"), [(79, ""), (81, "Its home is nearly full, and nothing"), (101, "Its home is over its limit")]
)
def test_a_home_that_is_nearly_full_is_said(client: Client, cast: Cast, used: int, says: str) -> None:
    load = {"cpu_percent": 1.0, "memory_used": 1, "disk_free": 1, "home": {"used": used * 10**6, "limit": 100 * 10**6}}
    online_runner(name="box", load=load)
    client.force_login(cast.vera)
    page = client.get("/runners/").content.decode()
    assert "of 100 MB" in page
    assert ("Its home is" in page) == bool(says)
    assert says in page.replace("&#x27;", "'")


def test_an_administrator_decides_which_teams_a_runner_serves(client: Client, cast: Cast) -> None:
    runner, _ = make_runner("gpubox")
    path = f"/runners/{runner.public_id}/teams/"
    client.force_login(cast.alice)
    assert client.get(path).status_code == 403, "an owner of one team does not take it from the others"
    client.force_login(make_user(is_staff=True))
    assert client.post(path, {"whom": "some"}).status_code == 422
    answer = client.post(path, {"whom": "some", "teams": [cast.other.pk]})
    assert (answer.status_code, [team.name for team in runner.teams.all()]) == (302, ["Strangers"])
    assert str(RunnerAct.objects.get()) == "Serves Strangers, before all teams."
    client.force_login(cast.alice)
    assert f"runner-{runner.public_id}" not in client.get("/runners/").content.decode()
    assert client.get(path).status_code == 404
    client.force_login(cast.charlie)
    assert client.get(path).status_code == 403
    client.force_login(make_user(is_staff=True))
    client.post(path, {"whom": "all", "teams": [cast.other.pk]})
    assert not runner.teams.exists()
