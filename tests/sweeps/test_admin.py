"""Django's admin: everything can be looked up, no history can be changed."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client

from runners.models import Quota
from sweeps.models import Job, Sweep
from tests.factories import Cast, make_user
from tests.sweeps.talk import running_job

pytestmark = pytest.mark.django_db
TABLES = [table for name in ("teams", "runners", "sweeps") for table in apps.get_app_config(name).get_models()]


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("table", admin.site._registry, ids=lambda table: table.__name__)
def test_every_list_can_be_read_and_searched(staff: Client, cast: Cast, table: type) -> None:
    talk = running_job(cast.team)
    talk.permits()
    talk.send(*talk.whole_trial(0))
    url = f"/admin/{table._meta.app_label}/{table._meta.model_name}/"  # type: ignore[attr-defined]  # a Django model
    assert staff.get(url).status_code == 200
    if admin.site._registry[table].search_fields:
        assert staff.get(url, {"q": "a"}).status_code == 200


def test_nothing_of_ours_is_missing() -> None:
    # In its team; what pages show; what nobody reads but the server.
    elsewhere = {"Membership", "MetricChunk", "LogChunk", "SweepAnalysis", "RunnerSample", "SweepTag"}
    elsewhere |= {"GivenAnswer", "HomeVisit", "SweepWords"}
    assert {table.__name__ for table in TABLES if table not in admin.site._registry} == elsewhere


@pytest.mark.parametrize("table", [Sweep, Job])
def test_history_is_read_only(staff: Client, cast: Cast, table: type[Sweep] | type[Job]) -> None:
    talk = running_job(cast.team)
    row = talk.sweep if table is Sweep else talk.job
    url = f"/admin/sweeps/{table._meta.model_name}/"
    assert staff.get(f"{url}{row.pk}/change/").status_code == 200
    assert staff.post(f"{url}{row.pk}/change/", {"state": "complete"}).status_code == 403
    assert staff.get(f"{url}add/").status_code == 403


def test_a_teams_quota_is_set_there(staff: Client, cast: Cast) -> None:
    answer = staff.post("/admin/runners/quota/add/", {"team": cast.team.pk, "gpus": "2", "gpu_hours": ""})
    assert answer.status_code == 302
    assert list(Quota.objects.values_list("team", "gpus", "gpu_hours")) == [(cast.team.pk, 2.0, None)]
    refused = staff.post("/admin/runners/quota/add/", {"team": cast.team.pk, "gpus": "-1"})
    assert "Ensure this value is greater than or equal to 0" in refused.content.decode()


def test_a_member_has_no_business_there(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    assert client.get("/admin/").status_code == 302


def test_its_pages_carry_the_name_and_the_icon(staff: Client) -> None:
    page = staff.get("/admin/").content.decode()
    assert 'rel="icon"' in page
    assert "hpweb administration" in page
