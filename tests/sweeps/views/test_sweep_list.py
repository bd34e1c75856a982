"""The list of sweeps: its page, the rows that moved, tags for the chosen."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sweeps.models import Sweep, SweepAct, SweepTag
from tests.factories import Cast, make_sweep
from tests.sweeps.talk import queued_sweep

pytestmark = pytest.mark.django_db


def test_a_page_takes_as_many_queries_for_many_sweeps_as_for_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    queued_sweep(cast.team)
    with CaptureQueriesContext(connection) as one:
        client.get("/sweeps/")
    for number in range(60):
        sweep = queued_sweep(cast.team)
        SweepTag.objects.create(sweep=sweep, name=f"tag {number % 7}")
    with CaptureQueriesContext(connection) as many:
        answer = client.get("/sweeps/")
    # Who asks is looked up too, and a session is written down from time to time.
    first, second = (sum('"sweeps_' in query["sql"] for query in queries) for queries in (one, many))
    assert first == second < 15
    assert answer.content.count(b"<tr data-sweep") == 50
    assert client.get("/sweeps/?page=2").content.count(b"<tr data-sweep") == 11


def test_nothing_fits_the_filter_and_the_way_out(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    assert "No sweep yet" in client.get("/sweeps/?q=x").content.decode()
    queued_sweep(cast.team)
    page = client.get("/sweeps/?q=nowhere&sort=name").content.decode()
    assert "Nothing fits the filter" in page
    assert '<a class="btn btn-primary" href="?sort=name">Clear the filter</a>' in page
    page = client.get("/sweeps/?start=yesterday").content.decode()
    assert "yesterday is no day: write it as" in page
    assert page.count("<tr data-sweep") == 1


def test_headings_order_the_other_way_round(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    queued_sweep(cast.team)
    page = client.get("/sweeps/?sort=name&state=queued").content.decode()
    assert '<th scope="col" aria-sort="ascending"><a class="sort" href="?state=queued&amp;sort=-name">Sweep' in page
    assert '<a class="sort" href="?state=queued">Made' not in page
    assert '<a class="sort" href="?state=queued&amp;sort=-created">Made' in page


def test_rows_that_moved_are_told_and_how_many_fit(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    one, two = queued_sweep(cast.team), queued_sweep(cast.team)
    strange = make_sweep(cast.other)
    seen = f"{one.public_id}:0,{two.public_id}:0,{strange.public_id}:7,odd,:"
    answer = client.get("/sweeps/rows/", {"seen": seen, "bulk": "1", "state": "queued"})
    assert (answer.status_code, answer["Sweeps"], answer.content) == (204, "2", b"")
    Sweep.objects.filter(pk=two.pk).update(position=3, state="running")
    answer = client.get("/sweeps/rows/", {"seen": seen, "bulk": "1", "state": "queued"})
    page = answer.content.decode()
    assert (answer.status_code, answer["Sweeps"]) == (200, "1")
    assert f'<tr data-sweep="{two.public_id}" data-position="3" data-state="running">' in page
    assert page.count("<tr") == 1


def test_the_chosen_are_tagged_by_those_who_may(client: Client, cast: Cast) -> None:
    one, two = queued_sweep(cast.team), queued_sweep(cast.team)
    asked = {"ids": [one.public_id, two.public_id], "verb": "tag", "tag": " wide   net ", "back": "/sweeps/?q=a"}
    client.force_login(cast.vera)
    assert client.post("/sweeps/bulk/", asked).status_code == 403
    client.force_login(cast.bob)
    assert client.post("/sweeps/bulk/", asked)["Location"] == "/sweeps/?q=a"
    assert list(one.tags.values_list("name", "user__name")) == [("wide net", "Bob")]
    assert SweepAct.objects.filter(verb="tagged").count() == 2
    page = client.get("/sweeps/?tag=wide+net").content.decode()
    assert "Tagged: 2 sweeps." in page
    assert page.count('<a class="tag" href="/sweeps/?tag=wide%20net">wide net</a>') == 2
    client.post("/sweeps/bulk/", {**asked, "ids": [one.public_id], "verb": "untag"})
    assert list(SweepTag.objects.values_list("sweep", flat=True)) == [two.pk]
    refused = client.post("/sweeps/bulk/", {**asked, "tag": ""}, follow=True).content.decode()
    assert "A tag needs a name: write one, such as baseline." in refused
