"""The page of a comparison over HTTP: what it shows, to whom, by which links."""

import re

import pytest
from django.test import Client

from sweeps.models import Comparison
from sweeps.queries.compare.address import MOST, Ref, read_asked
from tests.factories import Cast, make_team
from tests.sweeps.queries.compare.world import add_ran, plain_sweep

pytestmark = pytest.mark.django_db


def test_an_address_is_read_and_written_again() -> None:
    asked = read_asked({"trials": "a:3,b:0-1, a:3,c,:4,d:x", "hide": "1"})
    assert asked.refs == (Ref("a", 3), Ref("b", 0), Ref("b", 1))
    assert asked.odd == ("c", ":4", "d:x")
    assert asked.query() == "trials=a:3,b:0,b:1&hide=1"
    assert asked.based_on(Ref("b", 1)) == "trials=b:1,a:3,b:0&hide=1"
    assert asked.without(Ref("a", 3)) == "trials=b:0,b:1&hide=1"
    long = read_asked({"trials": "a:9,a:0-8,b:9-10"})
    assert long.query() == "trials=a:9,a:0-8,b:9,b:10"
    assert read_asked({"trials": long.query().removeprefix("trials=")}) == long
    many = read_asked({"trials": "a:0-149,b:0-149"})
    assert (len(many.refs), many.more) == (MOST, 100)


def test_trials_of_two_sweeps_stand_side_by_side_without_a_script(client: Client, cast: Cast) -> None:
    one, two = plain_sweep(cast.team), plain_sweep(cast.team)
    add_ran(one, 0, values=[0.9])
    add_ran(two, 4, values=[0.75], params={"learning_rate": 0.01})
    client.force_login(cast.vera)
    address = f"/compare/?trials={one.public_id}:0,{two.public_id}:4"
    shown = client.get(address).content.decode()
    assert re.findall(r'class="compare-trial" href="([^"]+)"', shown) == [
        f"/sweeps/{one.public_id}/trials/0/",
        f"/sweeps/{two.public_id}/trials/4/",
    ]
    assert f'href="/compare/?trials={two.public_id}:4,{one.public_id}:0"' in shown
    assert '<span class="compare-delta">−0.15</span>' in shown
    assert 'role="img" aria-label="differs">≠' in shown
    assert "The same in all: data set version" in shown
    assert 'href="#d1"' in shown
    assert 'id="d1"' in shown
    assert 'href="#d2"' in shown
    assert "5.23.0" in shown
    hidden = client.get(f"{address}&hide=1").content.decode()
    assert "5.23.0" not in hidden
    assert "Show all rows" in hidden


def test_what_is_out_of_reach_is_answered_with_words(client: Client, cast: Cast) -> None:
    mine, theirs = plain_sweep(cast.team), plain_sweep(cast.other)
    for sweep in (mine, theirs):
        add_ran(sweep, 0)
    client.force_login(cast.bob)
    answer = client.get(f"/compare/?trials={mine.public_id}:0,{theirs.public_id}:0,{mine.public_id}:9")
    shown = answer.content.decode()
    assert answer.status_code == 404
    assert "2 of the trials in the address are not there for you" in shown
    assert f"<code>{theirs.public_id}:0</code>, <code>{mine.public_id}:9</code>" in shown
    assert f'href="?trials={mine.public_id}:0"' in shown
    assert theirs.name not in shown
    # A person of both teams may look at both.
    team = make_team(member=cast.bob)
    second = plain_sweep(team)
    add_ran(second, 0)
    assert client.get(f"/compare/?trials={mine.public_id}:0,{second.public_id}:0").status_code == 200
    client.logout()
    assert client.get(f"/compare/?trials={mine.public_id}:0").status_code == 302


def test_odd_addresses_are_answered(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    assert "Nothing to compare yet" in client.get("/compare/").content.decode()
    for trials in ("x", "a\0:1", f"a:{'9' * 30}", f"{'a' * 5000}:1", "a:0-999999999", "a:" + "99999999999"):
        assert client.get("/compare/", {"trials": trials}).status_code == 404


def test_many_trials_cost_a_handful_of_queries(client: Client, cast: Cast, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
    sweep = plain_sweep(cast.team)
    for number in range(20):
        add_ran(sweep, number, values=[number / 20])
    client.force_login(cast.bob)
    with django_assert_max_num_queries(10):
        assert client.get(f"/compare/?trials={sweep.public_id}:0-19").status_code == 200


def test_the_basket_follows_a_person_and_the_navigation_counts_it(client: Client, cast: Cast) -> None:
    one, two, theirs = plain_sweep(cast.team), plain_sweep(cast.team), plain_sweep(cast.other)
    for sweep in (one, two, theirs):
        for number in range(3):
            add_ran(sweep, number)
    client.force_login(cast.vera)
    trial = f"/sweeps/{one.public_id}/trials/1/"
    assert f'name="add" value="{one.public_id}:1"' in client.get(trial).content.decode()
    # What is out of reach is not put in, and nothing leads elsewhere.
    answer = client.post("/compare/basket/", {"add": [f"{one.public_id}:1", f"{theirs.public_id}:0"], "back": trial})
    assert answer["Location"] == trial
    answer = client.post("/compare/basket/", {"add": f"{one.public_id}:1", "back": "//evil.example/"})
    assert answer["Location"] == "/compare/"
    chosen = f"/compare/chosen/{two.public_id}/"
    answer = client.post(chosen, {"numbers": ["0", "2"], "keep": "1", "back": "q=starred"})
    assert answer["Location"] == f"/sweeps/{two.public_id}/?q=starred#trials-title"
    shown = client.get(trial).content.decode()
    assert f'name="remove" value="{one.public_id}:1"' in shown
    assert 'aria-label="3 in the basket">3<' in shown
    whole = f"{one.public_id}:1,{two.public_id}:0,{two.public_id}:2"
    assert client.get("/compare/")["Location"] == f"/compare/?trials={whole}"
    client.post("/compare/basket/", {"remove": f"{two.public_id}:0"})
    assert client.get("/compare/")["Location"] == f"/compare/?trials={one.public_id}:1,{two.public_id}:2"
    # What was deleted since does not keep the rest from being compared.
    two.delete()
    assert client.get("/compare/")["Location"] == f"/compare/?trials={one.public_id}:1"
    client.post("/compare/basket/", {"clear": "1"})
    assert "Nothing to compare yet" in client.get("/compare/").content.decode()


def test_chosen_rows_and_the_best_of_each_sweep_are_compared(client: Client, cast: Cast) -> None:
    both = [{"metric": "eval_accuracy", "direction": "maximize"}, {"metric": "eval_loss", "direction": "minimize"}]
    one, two, draft = plain_sweep(cast.team), plain_sweep(cast.team, objectives=both), plain_sweep(cast.team)
    for number in range(3):
        one.best_trial = add_ran(one, number, values=[0.1 * number])
        add_ran(two, number, values=[0.1 * number, 0.1 * (number % 2)])
    one.save()
    client.force_login(cast.vera)
    answer = client.post(f"/compare/chosen/{one.public_id}/", {"numbers": ["2", "0-1"]})
    assert answer["Location"] == f"/compare/?trials={one.public_id}:0-2"
    nothing = client.post(f"/compare/chosen/{one.public_id}/", follow=True).content.decode()
    assert "Choose one or more trials first" in nothing
    # Of two objectives the Pareto set: trial 2 beats the others in one and is nowhere beaten.
    ids = [one.public_id, two.public_id, draft.public_id]
    answer = client.post("/compare/best/", {"ids": ids})
    assert answer["Location"] == f"/compare/?trials={one.public_id}:2,{two.public_id}:2"
    assert f"No best trial yet: {draft.name}." in client.get(answer["Location"]).content.decode()
    assert client.post("/compare/best/").status_code == 302
    client.force_login(cast.charlie)
    assert client.post("/compare/best/", {"ids": ids}).status_code == 404
    assert client.post(f"/compare/chosen/{one.public_id}/", {"numbers": "1"}).status_code == 404


def test_a_viewer_may_choose_and_compare_but_nothing_else(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    add_ran(sweep, 0)
    client.force_login(cast.vera)
    page = client.get(f"/sweeps/{sweep.public_id}/").content.decode()
    assert f'formaction="/compare/chosen/{sweep.public_id}/"' in page
    assert 'value="prune"' not in page
    listed = client.get("/sweeps/").content.decode()
    assert 'formaction="/compare/best/"' in listed
    assert 'name="verb"' not in listed


def test_a_saved_comparison_is_for_the_team_to_look_at(client: Client, cast: Cast) -> None:
    sweep = plain_sweep(cast.team)
    for number in range(3):
        add_ran(sweep, number, values=[0.1 * number])
    query = f"trials={sweep.public_id}:2,{sweep.public_id}:0&hide=1"
    client.force_login(cast.bob)
    answer = client.post("/compare/saved/new/", {"query": query, "name": " Best  two ", "note": "**why**"})
    kept = Comparison.objects.get()
    assert answer["Location"] == f"/compare/saved/{kept.public_id}/"
    assert (kept.name, kept.note, kept.query, kept.team, kept.user) == (
        "Best two",
        "**why**",
        query,
        cast.team,
        cast.bob,
    )
    client.force_login(cast.vera)
    shown = client.get(answer["Location"]).content.decode()
    assert re.findall(r'class="compare-trial" href="[^"]+/trials/([0-9]+)/"', shown) == ["2", "0"]
    assert "<strong>why</strong>" in shown
    assert f'href="/compare/?trials={sweep.public_id}:0,{sweep.public_id}:2&amp;hide=1"' in shown
    assert "Best two" in client.get("/compare/saved/").content.decode()
    # A viewer saves nothing, and only who has saved it deletes it.
    assert client.post("/compare/saved/new/", {"query": query, "name": "x"}).status_code == 403
    gone = f"/compare/saved/{kept.public_id}/delete/"
    client.force_login(cast.alice)
    assert client.post(gone).status_code == 403
    told = client.post("/compare/saved/new/", {"query": query, "name": "Best two"}, follow=True).content.decode()
    assert "has a comparison Best two of somebody else already" in told
    sweep.trials.get(number=0).delete()
    assert "1 of its trials is not there any more" in client.get(f"/compare/saved/{kept.public_id}/").content.decode()
    client.force_login(cast.charlie)
    assert client.get(f"/compare/saved/{kept.public_id}/").status_code == client.post(gone).status_code == 404
    assert "No comparison is saved yet" in client.get("/compare/saved/").content.decode()
    client.force_login(cast.bob)
    client.post("/compare/saved/new/", {"query": query.replace(":0", ":1"), "name": "Best two"})
    assert (Comparison.objects.count(), Comparison.objects.get().note) == (1, "")
    client.post(gone)
    assert not Comparison.objects.exists()


def test_a_comparison_that_cannot_be_saved_says_why(client: Client, cast: Cast) -> None:
    mine, second = plain_sweep(cast.team), plain_sweep(make_team(member=cast.bob))
    for sweep in (mine, second):
        add_ran(sweep, 0)
    client.force_login(cast.bob)
    both = f"trials={mine.public_id}:0,{second.public_id}:0"
    for query, name, words in (
        (both, "x", "The trials are of several teams"),
        (both, " ", "A comparison needs a name"),
        ("", "x", "There is no trial to compare"),
    ):
        told = client.post("/compare/saved/new/", {"query": query, "name": name}, follow=True).content.decode()
        assert words in told
    assert not Comparison.objects.exists()
