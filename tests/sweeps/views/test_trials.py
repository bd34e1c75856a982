"""The table of trials over HTTP: pages, orders, filters, columns, views, marks, files. Each works by links and forms."""

import csv
import io
import json
import re
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from django.urls import reverse

from sweeps.models import ChosenColumns, SavedView, Sweep, SweepAct, TrialNote, TrialStar, TrialTag
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.export import FORMATS, exported
from sweeps.queries.table.look import Look, read_look
from tests.factories import Cast
from tests.sweeps.queries.table.world import add_trial, table_sweep

pytestmark = pytest.mark.django_db


@pytest.fixture
def sweep(cast: Cast) -> Sweep:
    found = table_sweep(cast.team)
    for number in range(3):
        params = {"learning_rate": 10.0 ** -(number + 1), "optim": ["sgd", "adafactor", "sgd"][number]}
        last = {"eval_loss": 0.5 - number / 10, "train_loss": number}
        add_trial(found, number, params=params, values=[0.5 - number / 10, 0.5], last=last, duration_s=5.0)
    add_trial(found, 3, params={"learning_rate": 0.5}, state="running", note="**odd** one", tags=["odd"])
    return found


@pytest.fixture
def bob(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def numbers(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'<tr id="trial-(\d+)"', html)]


def part(client: Client, sweep: Sweep, **asked: Any) -> str:
    answer = client.get(reverse("sweeps:trials", args=[sweep.public_id]), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_and_its_part_show_the_same_rows(bob: Client, sweep: Sweep) -> None:
    for asked, rows in (
        ({}, [3, 2, 1, 0]),
        ({"sort": "value"}, [2, 1, 0, 3]),
        ({"sort": "-eval_loss"}, [0, 1, 2, 3]),
        ({"sort": "param:optim"}, [1, 0, 2, 3]),
        ({"sort": "-param:learning_rate"}, [3, 0, 1, 2]),
        ({"sort": "nothing"}, [3, 2, 1, 0]),
        ({"q": "optim = sgd", "sort": "number"}, [0, 2]),
        ({"page": "99"}, [3, 2, 1, 0]),
    ):
        assert numbers(part(bob, sweep, **asked)) == rows, asked
        assert numbers(bob.get(f"/sweeps/{sweep.public_id}/", asked).content.decode()) == rows, asked


def test_a_wrong_filter_is_told_under_the_field_with_its_place(bob: Client, sweep: Sweep) -> None:
    shown = part(bob, sweep, q="starred or learning_rat < 1")
    assert "There is no column `learning_rat`. Did you mean `learning_rate`?" in shown
    assert "<code>starred or <mark>learning_rat</mark> &lt; 1</code>" in shown
    assert numbers(shown) == []
    at = reverse("sweeps:trials-numbers", args=[sweep.public_id])
    assert bob.get(at, {"q": "optim = sgd"}).json() == {"numbers": [0, 2]}
    assert bob.get(at, {"q": "("}).status_code == 400


def test_pages_are_links(bob: Client, cast: Cast) -> None:
    sweep = table_sweep(cast.team)
    for number in range(120):
        add_trial(sweep, number)
    shown = part(bob, sweep, sort="number", page="2")
    assert numbers(shown) == list(range(50, 100))
    assert 'rel="prev" href="?sort=number#trials-title"' in shown
    assert 'rel="next" href="?sort=number&amp;page=3#trials-title"' in shown
    assert numbers(part(bob, sweep, page="3")) == list(range(19, -1, -1))


def test_columns_are_chosen_kept_and_shared_by_address(bob: Client, sweep: Sweep, cast: Cast) -> None:
    heads = re.compile(r'data-column="([^"]+)"')
    usual = heads.findall(part(bob, sweep))
    assert usual[:6] == ["number", "state", "value:0", "value:1", "latest", "duration"]
    asked = {"columns": "number,metric:train_loss,param:optim", "pin": "2"}
    shown = part(bob, sweep, **asked)
    assert heads.findall(shown) == ["number", "metric:train_loss", "param:optim"]
    assert shown.count("is-pinned") == 2 + 4 * 2 + 2  # the head, four rows, the pattern
    chosen = {"columns": ["param:optim", "tags", "nothing"], "pin": "2", "back": "q=starred&columns=note"}
    answer = bob.post(reverse("sweeps:trials-columns", args=[sweep.public_id]), chosen)
    assert answer["Location"] == f"/sweeps/{sweep.public_id}/?q=starred#trials-title"
    assert heads.findall(part(bob, sweep)) == ["number", "param:optim", "tags"]
    assert ChosenColumns.objects.get().pin == 2
    bob.force_login(cast.vera)
    assert heads.findall(part(bob, sweep)) == usual
    bob.force_login(cast.bob)
    bob.post(reverse("sweeps:trials-columns", args=[sweep.public_id]), {"usual": "1"})
    assert heads.findall(part(bob, sweep)) == usual


def test_views_are_of_a_person_or_of_the_team(client: Client, sweep: Sweep, cast: Cast) -> None:
    at = reverse("sweeps:trials-views", args=[sweep.public_id])
    client.force_login(cast.bob)
    back = "q=optim%20%3D%20sgd&sort=-value&columns=number,tags&page=3"
    client.post(at, {"name": "  The  sgd ones", "shared": "1", "back": back})
    client.post(at, {"name": "mine", "back": "q=starred"})
    view = SavedView.objects.get(name="The sgd ones")
    assert (view.q, view.sort, view.columns, view.shared) == ("optim = sgd", "-value", ["number", "tags"], True)
    client.force_login(cast.vera)
    shown = client.get(f"/sweeps/{sweep.public_id}/").content.decode()
    assert "q=optim%20%3D%20sgd&amp;sort=-value&amp;columns=number%2Ctags" in shown
    assert ">mine " not in shown
    assert client.post(at, {"name": "x", "shared": "1"}).status_code == 403
    client.post(at, {"name": "own", "back": ""})
    gone = reverse("sweeps:trials-view-delete", args=[sweep.public_id, view.public_id])
    assert client.post(gone).status_code == 404
    client.force_login(cast.alice)
    answer = client.post(at, {"name": "The sgd ones", "shared": "1", "back": ""}, follow=True)
    assert "The team has a view The sgd ones of somebody else already" in answer.content.decode()
    client.force_login(cast.bob)
    client.post(gone)
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["mine", "own"]


def test_tags_stars_and_notes_say_who_and_when(bob: Client, sweep: Sweep, cast: Cast) -> None:
    at = reverse("sweeps:trials-marks", args=[sweep.public_id])
    answer = bob.post(at, {"mark": "tag", "tag": " base  line ", "numbers": "0-1,7", "back": "q=tag%20%3D%20x"})
    assert answer["Location"] == f"/sweeps/{sweep.public_id}/?q=tag%20%3D%20x#trials-title"
    bob.post(at, {"mark": "tag", "tag": "base line", "numbers": ["1", "2"]})
    assert sorted(TrialTag.objects.filter(name="base line").values_list("trial__number", "user")) == [
        (number, cast.bob.pk) for number in range(3)
    ]
    bob.post(at, {"mark": "untag", "tag": "base line", "numbers": "2-3"})
    assert TrialTag.objects.filter(name="base line").count() == 2
    bob.post(at, {"star": "1"})
    bob.post(at, {"mark": "star", "numbers": "1-2"})
    bob.post(at, {"star": "2"})
    assert list(TrialStar.objects.values_list("trial__number", "user")) == [(1, cast.bob.pk)]
    assert "tags need a name" not in part(bob, sweep)
    told = bob.post(at, {"mark": "tag", "tag": " ", "numbers": "1"}, follow=True).content.decode()
    assert "A tag needs a name" in told
    for words in ("Tagged trials 0, 1 as “base line”", "Starred trial 1", "Took the star from trial 2"):
        assert words in told
    note = reverse("sweeps:trial-note", args=[sweep.public_id, 1])
    for text in ("first", "# Second\r\n<b>x</b>", "# Second\n<b>x</b>"):
        bob.post(note, {"note": text})
    assert [(each.text, each.user) for each in TrialNote.objects.filter(trial__number=1)] == [
        ("# Second\n<b>x</b>", cast.bob), ("first", cast.bob)
    ]  # fmt: skip
    assert SweepAct.objects.filter(verb="trial noted").count() == 2
    bob.force_login(cast.vera)
    assert bob.post(at, {"star": "1"}).status_code == bob.post(note, {"note": "x"}).status_code == 403


def test_the_api_marks_trials(bob: Client, sweep: Sweep, cast: Cast) -> None:
    at = f"/api/v1/sweeps/{sweep.public_id}/trials/"

    def send(method: str, path: str, body: Any) -> Any:
        answer = getattr(bob, method)(f"{at}{path}", body, content_type="application/json")
        return answer.status_code, answer.json()

    code, found = send("patch", "2/", {"tags": ["b", "a"], "starred": True, "note": "Look"})
    assert code == 200
    assert [found["trial"][name] for name in ("tags", "starred", "note")] == [["a", "b"], True, "Look"]
    assert send("patch", "2/", {"tags": ["b"], "starred": False})[1]["trial"]["tags"] == ["b"]
    assert send("patch", "2/", {"tags": ["x" * 51]})[1]["fields"] == {
        "tags": ["The tag has 51 characters: 50 at most."]
    }
    assert send("patch", "2/", {})[1]["fields"] == {"params": ["Field required, or tags, starred or note."]}
    # Both or neither: a trial that has ended keeps its parameters, and then its tags too.
    assert send("patch", "2/", {"tags": [], "params": {"learning_rate": 0.1}})[0] == 409
    assert bob.get(f"{at}2/").json()["trial"]["tags"] == ["b"]
    assert send("post", "marks/", {"numbers": "0-9", "add_tags": ["all"], "remove_tags": ["b"], "starred": True}) == (
        200,
        {"trials": 4},
    )
    assert TrialTag.objects.filter(name="all").count() == TrialStar.objects.count() == 4
    assert not TrialTag.objects.filter(name="b").exists()
    assert send("post", "marks/", {"numbers": ""})[0] == 400
    bob.force_login(cast.charlie)
    assert send("post", "marks/", {"numbers": "1", "starred": True})[0] == 404


def test_files_hold_what_the_filter_finds(bob: Client, sweep: Sweep) -> None:
    def file(form: str, **asked: str) -> bytes:
        return b"".join(exported(sweep, read_look(asked), columns_of(sweep), form))

    for form in FORMATS:
        answer = bob.get(reverse("sweeps:trials-export", args=[sweep.public_id, form]))
        assert answer["Content-Disposition"].endswith(f'-trials.{form}"')
    rows = list(csv.DictReader(io.StringIO(file("csv", q="optim = sgd", sort="value").decode())))
    assert [row["number"] for row in rows] == ["2", "0"]
    assert (rows[0]["param.learning_rate"], rows[0]["value.eval_loss"], rows[0]["duration"]) == ("0.001", "0.3", "5.0")
    found = json.loads(file("json", sort="number"))
    assert [row["param.learning_rate"] for row in found] == [0.1, 0.01, 0.001, 0.5]
    assert (found[3]["tags"], found[3]["note"], found[3]["state"]) == (["odd"], "**odd** one", "running")
    table = pq.read_table(io.BytesIO(file("parquet", sort="number")))
    assert table.column("number").to_pylist() == [0, 1, 2, 3]
    assert table.column("value.eval_loss").to_pylist() == [0.5, 0.4, 0.3, None]
    assert table.column("param.optim").to_pylist() == ["sgd", "adafactor", "sgd", None]
    assert json.loads(file("json", q="number > 9")) == []
    wrong = bob.get(reverse("sweeps:trials-export", args=[sweep.public_id, "csv"]), {"q": "x ="})
    assert (wrong.status_code, wrong["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert bob.get(reverse("sweeps:trials-export", args=[sweep.public_id, "xls"])).status_code == 404


def test_a_formula_in_a_cell_stays_text(sweep: Sweep) -> None:
    add_trial(sweep, 9, tags=["=1+1"], note="=cmd()")
    text = b"".join(exported(sweep, Look(q="number = 9"), columns_of(sweep), "csv")).decode()
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["tags"], row["note"]) == ("'=1+1", "'=cmd()")


def test_odd_addresses_are_answered(bob: Client, sweep: Sweep) -> None:
    for asked in (
        {"q": "a\0b"},
        {"q": "x" * 5000},
        {"sort": "metric:\0"},
        {"sort": "-"},
        {"columns": "metric:%00,metric:,,param:a%2Cb,best:loss"},
        {"page": "-1", "pin": "99"},
        {"page": "9" * 30},
    ):
        assert "</table>" in part(bob, sweep, **asked), asked
    views = reverse("sweeps:trials-views", args=[sweep.public_id])
    assert bob.post(views, {"name": "long", "back": f"q={'x' * 5000}"}).status_code == 302
    assert bob.post(views, {"name": "nul", "back": "q=%00&sort=%00&columns=%2500"}).status_code == 302
    assert list(SavedView.objects.values_list("name", "q", "columns")) == [("nul", "\ufffd", ["\ufffd"])]
    chosen = reverse("sweeps:trials-columns", args=[sweep.public_id])
    assert bob.post(chosen, {"columns": ["metric:\0", "metric:new"], "pin": "x"}).status_code == 302
    assert ChosenColumns.objects.get().columns == ["number", "metric:new"]
