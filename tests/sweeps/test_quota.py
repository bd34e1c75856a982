"""A team's bound on the disk: warned before it is reached, refused beyond, and never at the cost of a job's result."""

import json
from typing import Any

import pytest
from django.test import Client

from sweeps.queries.usage import usage
from sweeps.services.artifacts import store_bytes
from sweeps.services.datasets.package import create_package_dataset
from sweeps.services.datasets.problems import BadData
from sweeps.services.uploads import start_upload
from tests.factories import Cast
from tests.sweeps.talk import running_job


def announce(client: Client, size: int) -> Any:
    body = json.dumps({"filename": "x.csv", "size": size})
    return client.post("/api/v1/uploads/", body, content_type="application/json")


def test_nothing_is_said_or_refused_without_a_quota(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    assert usage(cast.team).level == ""
    assert announce(client, 10**6).status_code == 201
    assert b"your team has no quota" in client.get("/library/storage/").content


def test_a_quota_is_told_of_and_kept(cast: Cast, client: Client) -> None:
    cast.team.quota_bytes = 1000
    cast.team.save()
    client.force_login(cast.bob)
    assert b"Your team has used" not in client.get("/sweeps/").content
    store_bytes(team=cast.team, data=b"x" * 790)
    talk = running_job(cast.team)
    talk.send(talk.event("log", stream="stdout", text="y" * 10, number=None))
    assert (usage(cast.team).used, usage(cast.team).level) == (800, "near")
    page = client.get("/sweeps/").content
    assert b"Your team has used" in page
    assert b"New files are refused" not in page

    assert announce(client, 200).status_code == 201
    refused = announce(client, 201)
    assert (refused.status_code, refused.json()["code"]) == (507, "quota")
    assert "Delete data sets or sweeps" in refused.json()["message"]

    store_bytes(team=cast.team, data=b"z" * 200)
    assert b"New files are refused" in client.get("/sweeps/").content
    assert b"(100 %)" in client.get("/library/storage/").content
    with pytest.raises(BadData, match="has used"):
        create_package_dataset(team=cast.team, user=cast.bob, key="digits")
    # What a job has made is taken.
    assert start_upload(team=cast.team, job=talk.job, kind="model", sha256="a" * 64, size=500).pk

    client.force_login(cast.charlie)
    assert announce(client, 10**6).status_code == 201


def test_the_servers_own_bound_is_for_teams_without_one(cast: Cast, settings: Any) -> None:
    settings.TEAM_QUOTA_BYTES = 500
    assert usage(cast.team).quota == 500
    cast.team.quota_bytes = 0
    assert usage(cast.team).quota is None
