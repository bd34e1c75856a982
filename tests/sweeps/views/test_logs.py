"""Logs: pages of lines, filters, places, the file, and the same as JSON."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import LogChunk
from sweeps.queries.logs.filter import LogFilter
from sweeps.queries.logs.pages import page_after, page_before, whole_log
from sweeps.queries.logs.place import read_place
from sweeps.services.log_chunks import make_chunk
from tests.factories import PASSWORD, Cast
from tests.sweeps.talk import Talk, running_job

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(cast: Cast) -> Talk:
    """Two trials whose logs are mixed: step 2 of trial 0 is at t = 2.0."""
    talk = running_job(cast.team)
    talk.permits(count=2)
    say = talk.event
    talk.send(say("log", stream="runner", text="prepared"), talk.started(0))
    talk.send(
        say("log", stream="stdout", number=0, text="one\ntwo"),
        talk.metrics(0, 2, loss=1.0),
        say("log", stream="stderr", number=0, text="FutureWarning: old\nplain"),
        talk.started(1),
    )
    talk.send(
        say("log", stream="logging", level="info", number=1, text="One of the other"),
        say("log", stream="stdout", number=0, text="after"),
        talk.metrics(0, 7, loss=0.5),
        say("log", stream="stdout", number=0, text="last"),
    )
    return talk


@pytest.fixture
def bob(client: Client, cast: Cast) -> Client:
    client.login(username=cast.bob.email, password=PASSWORD)
    return client


def texts(client: Client, talk: Talk, **query: Any) -> list[str]:
    answer = client.get(f"/api/v1/sweeps/{talk.sweep.public_id}/logs/", query).json()
    return [line["text"] for line in answer["lines"]]


def test_filters_choose_lines_by_trial_stream_level_and_words(bob: Client, talk: Talk) -> None:
    everything = ["prepared", "one", "two", "FutureWarning: old", "plain", "One of the other", "after", "last"]
    assert texts(bob, talk) == everything
    assert texts(bob, talk, trial=1) == ["One of the other"]
    assert texts(bob, talk, stream="stderr") == ["FutureWarning: old", "plain"]
    assert texts(bob, talk, level="warning") == ["FutureWarning: old"]
    assert texts(bob, talk, q="ONE") == ["one", "One of the other"]
    assert texts(bob, talk, trial=0, q="t", stream="stdout") == ["two", "after", "last"]


def test_pages_follow_one_another_without_a_gap(talk: Talk) -> None:
    sweep, wanted = talk.sweep, LogFilter()
    forward = [row["at"] for row in page_after(sweep, wanted, None).rows]
    page = page_after(sweep, wanted, None, 2)
    found = [row["at"] for row in page.rows]
    while page.later:
        page = page_after(sweep, wanted, read_place(sweep, page.last, "after"), 2)
        found += [row["at"] for row in page.rows]
    assert found == forward
    back = page_before(sweep, wanted, None, 3)
    assert [row["text"] for row in back.rows] == ["One of the other", "after", "last"]
    assert (back.earlier, back.later) == (True, False)
    more = page_before(sweep, wanted, read_place(sweep, back.first, "before"), 100)
    assert [row["at"] for row in (*more.rows, *back.rows)] == forward


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"trial": "x"}, "trial"),
        ({"stream": "other"}, "stream"),
        ({"level": "loud"}, "level"),
        ({"q": "x" * 300}, "q"),
        ({"after": "nowhere"}, "after"),
        ({"before": "AAAAAAAAAAAA.3"}, "before"),
    ],
)
def test_a_wrong_parameter_is_named(bob: Client, talk: Talk, query: dict[str, str], field: str) -> None:
    answer = bob.get(f"/api/v1/sweeps/{talk.sweep.public_id}/logs/", query)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    page = bob.get(f"/sweeps/{talk.sweep.public_id}/logs/", query)
    assert (page.status_code, page.context["problem"].partition(":")[0]) == (200, field)


def test_a_step_leads_to_its_moment_in_the_trials_log(bob: Client, talk: Talk) -> None:
    page = bob.get(f"/sweeps/{talk.sweep.public_id}/trials/0/logs/", {"step": "2"})
    marked = next(row for row in page.context["page"].rows if row["at"] == page.context["marked"])
    assert marked["text"] == "FutureWarning: old"
    assert f'class="log-line is-named" id="L-{marked["at"]}"'.encode() in page.content
    page = bob.get(f"/sweeps/{talk.sweep.public_id}/trials/0/logs/", {"step": "5"})
    marked = next(row for row in page.context["page"].rows if row["at"] == page.context["marked"])
    assert marked["text"] == "last"


def test_the_file_has_all_lines_of_the_choice(bob: Client, talk: Talk) -> None:
    lines = b"".join(whole_log(talk.sweep, LogFilter(trial=0, words="l"))).decode().splitlines()
    assert [line.partition("s] ")[2] for line in lines] == [
        "trial 0 stderr warning: FutureWarning: old",
        "trial 0 stderr: plain",
        "trial 0 stdout: last",
    ]
    answer = bob.get(f"/sweeps/{talk.sweep.public_id}/trials/0/logs/file/", {"q": "l"})
    assert answer["Content-Disposition"].endswith('-trial-0.log"')


def test_another_teams_log_does_not_exist(client: Client, cast: Cast, talk: Talk) -> None:
    client.login(username=cast.charlie.email, password=PASSWORD)
    for address in ("logs/", "logs/file/", "trials/0/logs/", "trials/0/"):
        assert client.get(f"/sweeps/{talk.sweep.public_id}/{address}").status_code == 404
    assert client.get(f"/api/v1/sweeps/{talk.sweep.public_id}/logs/").status_code == 404


def test_a_log_beyond_its_limit_ends_with_a_notice(cast: Cast, settings: Any) -> None:
    settings.MAX_TRIAL_LOG_BYTES, settings.MAX_LOG_BYTES = 10, 30
    talk = running_job(cast.team)
    for number, text in ((0, "12345678"), (0, "9abc"), (0, "more"), (1, "other"), (None, "x" * 20), (None, "y")):
        talk.send(talk.event("log", stream="stdout", number=number, text=text))
    found = [line["text"] for chunk in LogChunk.objects.order_by("first_seq") for line in chunk.lines]
    assert found[0] == "12345678"
    assert found[1].startswith("The log of trial 0 has reached")
    assert found[2] == "other"
    assert found[3].startswith("The log of this job has reached")
    assert len(found) == 4


def test_a_search_goes_through_many_chunks_and_says_where_to_go_on(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = talk.fresh()
    for seq in range(100, 180):
        line: Any = {"seq": seq, "t": 9.0, "number": 0, "stream": "stdout", "level": "", "text": f"line {seq}"}
        make_chunk(job, [line]).save()
    assert [row["text"] for row in page_after(talk.sweep, LogFilter(words="line 17"), None).rows] == [
        f"line {seq}" for seq in range(170, 180)
    ]
    monkeypatch.setattr("sweeps.queries.logs.pages.SCAN_BYTES", 100)
    page = page_after(talk.sweep, LogFilter(words="line 179"), None)
    assert (page.rows, page.later, page.last.partition(".")[2] < "130") == ([], True, True)
