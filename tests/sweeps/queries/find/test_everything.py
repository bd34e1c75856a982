"""What is found of each kind, in which order, and that nothing of strangers ever is."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sweeps.models import (
    Comparison,
    Dataset,
    Model,
    SearchSpace,
    Sweep,
    SweepTag,
    SweepWords,
    Trial,
    TrialNote,
    TrialTag,
)  # fmt: skip
from sweeps.queries.find.asked import read_looked
from sweeps.queries.find.everything import everything
from sweeps.services.search_words import index_words
from teams.models import Membership, Role, Team
from tests.factories import Cast, make_runner, make_sweep
from tests.sweeps.talk import TASK, spec

pytestmark = pytest.mark.django_db


def fill(team: Team, word: str) -> Sweep:
    """One thing of each kind with the word in it."""
    sweep = make_sweep(team, name=f"{word} sweep", spec=spec(), state="complete", position=4)
    trial = Trial.objects.create(
        sweep=sweep, number=2, state="complete", params={"learning_rate": 0.00012344, "kind": word}
    )
    TrialNote.objects.create(trial=trial, text=f"a {word} note")
    TrialTag.objects.create(trial=trial, name=f"{word} tag")
    Model.objects.create(
        team=team, name=f"{word} model", task=TASK, source={"source": "hub", "id": f"org/{word}"}, processor={}
    )
    Dataset.objects.create(team=team, name=f"{word} data", task=TASK)
    SearchSpace.objects.create(team=team, name=f"{word} space", space={"parameters": [{"name": "seed"}]})
    Comparison.objects.create(team=team, name=f"{word} compared", query="")
    make_runner(f"{word} box {team.pk}", facts={"hostname": "host"})[0].teams.add(team)
    return sweep


def found(cast: Cast, text: str, *teams: Team) -> dict[str, list[str]]:
    kinds = everything(teams or [cast.team], read_looked(text), 5)
    return {kind.kind: [hit.title for hit in kind.hits] for kind in kinds}


def test_each_kind(cast: Cast) -> None:
    fill(cast.team, "zebra")
    fill(cast.other, "zebra")
    assert found(cast, "ZEB") == {
        "Sweeps": ["zebra sweep"],
        "Trials": ["Trial 2 of zebra sweep"],
        "Models": ["zebra model"],
        "Data sets": ["zebra data"],
        "Search spaces": ["zebra space"],
        "Runners": [f"zebra box {cast.team.pk}"],
        "Comparisons": ["zebra compared"],
    }
    assert found(cast, "zebra note") == {"Trials": ["Trial 2 of zebra sweep"]}
    assert found(cast, "note zebra tag")["Trials"] == ["Trial 2 of zebra sweep"]
    assert found(cast, "org/zebra") == {"Models": ["zebra model"]}
    assert found(cast, "seed") == {"Search spaces": ["zebra space"]}
    assert found(cast, "host") == {"Runners": [f"zebra box {cast.team.pk}"]}
    assert found(cast, "giraffe") == found(cast, "") == {}


def test_a_sweep_by_its_notes_and_tags_stands_behind_those_by_name(cast: Cast) -> None:
    named = make_sweep(cast.team, name="wide")
    noted = make_sweep(cast.team, name="one", description="rather **wide** steps", archived_at=timezone.now())
    tagged = make_sweep(cast.team, name="two")
    SweepTag.objects.create(sweep=tagged, name="wide net")
    (kind,) = everything([cast.team], read_looked("wide"), 5)
    assert [hit.title for hit in kind.hits] == [named.name, tagged.name, noted.name]
    assert [hit.says for hit in kind.hits] == ["", "tag wide net", "archived · rather **wide** steps"]
    (kind,) = everything([cast.team], read_looked("wide"), 2)
    assert ([hit.title for hit in kind.hits], kind.more, kind.url) == (["wide", "two"], True, "/sweeps/?q=wide")


def test_only_the_newest_note_of_a_trial_counts(cast: Cast) -> None:
    fill(cast.team, "zebra")
    trial = Trial.objects.get()
    TrialTag.objects.all().delete()
    TrialNote.objects.create(trial=trial, text="a horse")
    assert "Trials" not in found(cast, "zebra")
    assert found(cast, "horse") == {"Trials": ["Trial 2 of zebra sweep"]}


def test_trials_by_the_values_of_their_parameters(cast: Cast) -> None:
    one, other = fill(cast.team, "zebra"), fill(cast.team, "horse")
    fill(cast.other, "zebra")
    Trial.objects.create(sweep=one, number=9, state="running", params={"learning_rate": 0.0001234, "kind": "x"})
    Trial.objects.create(sweep=one, number=10, state="waiting", params={"learning_rate": 0.0001234})
    assert found(cast, "learning_rate=1.234e-4") == {}
    assert index_words() is False
    both = ["Trial 2 of horse sweep", "Trial 9 of zebra sweep"]
    assert found(cast, "learning_rate=1.234e-4") == {"Trials": both}
    assert found(cast, "zebra learning_rate = 0.0001234") == {"Trials": both[1:]}
    assert found(cast, "learning_rate=0.0001234 kind=horse") == {"Trials": both[:1]}
    assert found(cast, "learning_rate=0.001") == {}
    (kind,) = everything([cast.team], read_looked("learning_rate=1.234e-4"), 5)
    assert [hit.says for hit in kind.hits] == ["", "and 1 more trial of this sweep"]
    assert other.pk > one.pk


def test_the_index_takes_up_what_is_new_a_little_at_a_time(cast: Cast) -> None:
    one, two = fill(cast.team, "zebra"), fill(cast.team, "horse")
    make_sweep(cast.team)
    assert index_words(most_trials=1) is True
    assert list(SweepWords.objects.values_list("sweep", flat=True)) == [two.pk]
    assert index_words(most_trials=1) is False
    assert SweepWords.objects.get(sweep=one).trials == 1
    # A sweep that moved on without a new trial is looked at, and not read.
    Sweep.objects.filter(pk=one.pk).update(position=5)
    with CaptureQueriesContext(connection) as queries:
        assert index_words() is False
    assert not any('"params" FROM' in query["sql"] for query in queries)
    assert SweepWords.objects.get(sweep=one).position == 5
    Trial.objects.create(sweep=one, number=3, state="running", params={"learning_rate": 0.5})
    Sweep.objects.filter(pk=one.pk).update(position=6)
    index_words()
    assert (SweepWords.objects.get(sweep=one).trials, found(cast, "learning_rate=.5")) == (
        2,
        {"Trials": ["Trial 3 of zebra sweep"]},
    )


def test_the_page_shows_the_persons_teams_and_no_stranger_anything(client: Client, cast: Cast) -> None:
    fill(cast.team, "zebra")
    index_words()
    client.force_login(cast.charlie)
    for asked in ("zebra", "kind=zebra"):
        for page in ("/search/", "/search/suggest/"):
            said = client.get(page, {"q": asked}).content.decode()
            assert "Nothing found for" in said
            for name in ("sweep", "model", "data", "space", "compared", "box"):
                assert f"zebra {name}" not in said
    client.force_login(cast.vera)
    said = client.get("/search/", {"q": "kind = zebra"}).content.decode()
    assert ">Trial 2 of zebra sweep</a>" in said
    Membership.objects.create(team=cast.team, user=cast.charlie, role=Role.VIEWER)
    client.force_login(cast.charlie)
    said = client.get("/search/", {"q": "zebra"}).content.decode()
    assert said.count('<span class="quiet">Polyglots</span>') == 6
    assert client.get("/search/").status_code == 200


def test_many_things_take_as_many_queries_as_few(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    fill(cast.team, "zebra")
    with CaptureQueriesContext(connection) as few:
        client.get("/search/?q=zebra")
    for _ in range(5):
        sweep = make_sweep(cast.team, name="zebra again")
        trial = Trial.objects.create(sweep=sweep, number=0, params={})
        TrialTag.objects.create(trial=trial, name="zebra")
    with CaptureQueriesContext(connection) as many:
        client.get("/search/?q=zebra")
    first, second = (sum('"sweeps_' in query["sql"] for query in queries) for queries in (few, many))
    assert first == second < 15
