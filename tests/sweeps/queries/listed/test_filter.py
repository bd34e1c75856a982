"""What the list's address asks for, and which sweeps fit."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from sweeps.models import Dataset, DatasetVersion, Model, Sweep, SweepTag
from sweeps.queries.listed.choices import chips, choices
from sweeps.queries.listed.filter import Asked, fitting, read_asked
from tests.factories import Cast, make_cast, make_sweep
from tests.sweeps.talk import TASK, spec

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    """Four sweeps of the team, made on the first four days of a month, the last one archived, and one of strangers."""
    cast = make_cast()
    model = Model.objects.create(
        team=cast.team, name="tiny", task=TASK, source={}, processor={}, public_id="model0000001"
    )
    data = Dataset.objects.create(team=cast.team, name="languages", task=TASK, public_id="dataset00001")
    version = DatasetVersion.objects.create(dataset=data, number=1, digest="d", spec={})
    frozen = spec()
    made = [
        make_sweep(cast.team, name="Alpha", created_by=cast.alice, state="running", spec=frozen, model=model),
        make_sweep(
            cast.team, name="beta", created_by=cast.bob, state="fail", dataset_version=version,
            spec={**frozen, "backend": {"name": "ray"}}, description="Longer **warm-up**",
        ),
        make_sweep(cast.team, name="Gamma", created_by=cast.bob, draft={"backend": {"name": "wandb"}}),
        make_sweep(cast.team, name="Old", created_by=cast.alice, state="complete", archived_at=timezone.now()),
        make_sweep(cast.other, name="Alpha of strangers", created_by=cast.charlie, state="running"),
    ]  # fmt: skip
    for place, sweep in enumerate(made):
        Sweep.objects.filter(pk=sweep.pk).update(created_at=datetime(2026, 5, place + 1, 12, tzinfo=UTC))
    SweepTag.objects.create(sweep=made[0], name="baseline")
    SweepTag.objects.create(sweep=made[4], name="secret")
    return cast


def names(cast: Cast, **address: str) -> list[str]:
    asked = read_asked(address)
    assert asked.problems == {}
    return [sweep.name for sweep in fitting(Sweep.objects.filter(team=cast.team), asked, cast.alice)]


def test_each_filter_by_itself_and_two_together(team: Cast) -> None:
    assert names(team) == ["Gamma", "beta", "Alpha"]
    assert names(team, owner="me") == ["Alpha"]
    assert names(team, owner="bob@example.org") == ["Gamma", "beta"]
    assert names(team, owner="charlie@example.org") == []
    assert names(team, state="fail") == ["beta"]
    assert names(team, state="open") == ["Alpha"]
    assert names(team, state="finished") == ["beta"]
    assert names(team, tag="baseline") == ["Alpha"]
    assert names(team, model="model0000001") == ["Alpha"]
    assert names(team, dataset="dataset00001") == ["beta"]
    assert names(team, backend="ray") == ["beta"]
    assert names(team, backend="wandb") == ["Gamma"]
    assert names(team, backend="optuna") == ["Alpha"]
    assert names(team, archived="1") == ["Old"]
    assert names(team, q="BASE") == ["Alpha"]
    assert names(team, q="warm-up longer") == ["beta"]
    assert names(team, q="warm-up alpha") == []
    assert names(team, owner="bob@example.org", state="draft") == ["Gamma"]


def test_days_are_the_readers(team: Cast) -> None:
    assert names(team, start="2026-05-02") == ["Gamma", "beta"]
    assert names(team, start="2026-05-02", end="2026-05-02") == ["beta"]
    with timezone.override("Pacific/Kiritimati"):  # 14 hours ahead: noon is the next day's small hours
        assert names(team, start="2026-05-03", end="2026-05-03") == ["beta"]


def test_orders(team: Cast) -> None:
    assert names(team, sort="created") == ["Alpha", "beta", "Gamma"]
    assert names(team, sort="-name") == ["beta", "Gamma", "Alpha"]
    assert names(team, sort="owner") == ["Alpha", "Gamma", "beta"]
    assert names(team, sort="state") == ["Gamma", "beta", "Alpha"]


def test_what_can_not_be_read_is_told_beside_its_field_and_filters_nothing(team: Cast) -> None:
    asked = read_asked({"state": "odd", "backend": "vizier", "start": "May", "end": "9999-12-31", "sort": "colour"})
    states = "open, finished, draft, queued, running, paused, complete, fail, cancelled"
    assert asked.problems["state"] == f"There is no state odd: choose one of {states}."
    assert asked.problems["backend"] == "There is no backend vizier: choose one of optuna, ray, wandb."
    assert asked.problems["start"].startswith("May is no day: write it as 20")
    assert asked.problems["end"].startswith("9999-12-31 is no day")
    assert (asked.active, asked.sort) == ({}, "-created")
    backwards = read_asked({"start": "2026-05-03", "end": "2026-05-02"})
    assert backwards.problems == {"end": "The last day is before the first: exchange the two."}
    assert names(team, q="a\0lpha", owner=" ") == ["Alpha"]


def test_an_address_says_the_same_again() -> None:
    asked = read_asked({"q": "a b", "state": "open", "start": "2026-05-01", "sort": "name", "archived": "1", "x": "y"})
    assert asked == Asked(q="a b", state="open", start=date(2026, 5, 1), sort="name", archived=True)
    assert asked.query() == "q=a+b&state=open&start=2026-05-01&sort=name&archived=1"
    assert asked.query(state=None, sort="-name") == "q=a+b&start=2026-05-01&sort=-name&archived=1"
    assert asked.only() == "sort=name&archived=1"


def test_the_filters_offer_what_the_team_has(team: Cast) -> None:
    asked = read_asked({"model": "model0000001", "tag": "gone", "q": "x"})
    found = {choice.name: choice for choice in choices(team.team, asked)}
    assert found["owner"].options == [("me", "me"), ("alice@example.org", "Alice"), ("bob@example.org", "Bob")]
    assert found["tag"].options == [("baseline", "baseline"), ("gone", "gone")]
    assert found["model"].options == [("model0000001", "tiny")]
    assert found["model"].chosen == "model0000001"
    assert found["dataset"].options == [("dataset00001", "languages")]
    assert chips(list(found.values()), asked) == [
        ("Text", "x", "tag=gone&model=model0000001"),
        ("Tag", "gone", "q=x&model=model0000001"),
        ("Model", "tiny", "q=x&tag=gone"),
    ]
