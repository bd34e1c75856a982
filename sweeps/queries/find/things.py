"""Sweeps, parts of the library, runners and comparisons with words in them. One query a kind."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from runners.models import Runner
from sweeps.models import Comparison, Dataset, Model, SearchSpace, Sweep, SweepTag
from sweeps.queries.find.hits import Found, Hit, around
from sweeps.queries.library import source_words
from sweeps.queries.listed.filter import having
from teams.models import Team

Words = tuple[str, ...]
NOTES: Final = ("description",)


def sweeps(teams: Sequence[Team], words: Words, most: int) -> Found:
    """By name, notes and tags; those that have all words in their names first, then the newest. Archived ones too."""
    found = Sweep.objects.filter(team__in=teams)
    for word in words:
        found = found.filter(having(word))
    named = Q(*(Q(name__icontains=word) for word in words))
    order = Case(When(named, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = list(
        found.only("public_id", "name", "description", "state", "archived_at", "team")
        .order_by(order, "-created_at", "-pk")[: most + 1]
    )  # fmt: skip
    tags: dict[int, list[str]] = {}
    for pk, name in SweepTag.objects.filter(sweep__in=rows[:most]).values_list("sweep_id", "name"):
        tags.setdefault(pk, []).append(name)
    hits = [
        Hit(
            title=sweep.name,
            url=reverse("sweeps:detail", args=[sweep.public_id]),
            says=_sweep_words(sweep, tags.get(sweep.pk, []), words),
            state=sweep.state,
            team=_team(teams, sweep.team_id),
        )
        for sweep in rows[:most]
    ]
    everything = f"{reverse('sweeps:list')}?{urlencode({'q': ' '.join(words)})}"
    return Found("Sweeps", "chart-dots-3", tuple(hits), len(rows) > most, everything)


def _sweep_words(sweep: Sweep, tags: list[str], words: Words) -> str:
    tagged = [tag for tag in tags if any(word.lower() in tag.lower() for word in words)]
    said = ["archived"] if sweep.archived_at else []
    said += [f"tag {tag}" for tag in tagged]
    note = around(sweep.description, words)
    return " · ".join([*said, note] if note else said)


def models(teams: Sequence[Team], words: Words, most: int) -> Found:
    """By name, notes and where the weights come from."""
    return _library(
        ("Models", "box", "library:model-detail"), Model.objects.all(), teams, words, most,
        fields=("name", "description", "source__id", "source__path", "source__model_type"),
        says=lambda model: source_words(model.source),
    )  # fmt: skip


def datasets(teams: Sequence[Team], words: Words, most: int) -> Found:
    """By name and notes."""
    found = Dataset.objects.all()
    return _library(
        ("Data sets", "database", "library:dataset-detail"), found, teams, words, most,
        fields=("name", "description"), says=lambda dataset: dataset.get_task_display(),
    )  # fmt: skip


def spaces(teams: Sequence[Team], words: Words, most: int) -> Found:
    """By name, notes and the parameters that are searched."""
    return _library(
        ("Search spaces", "adjustments-horizontal", "library:space-detail"), SearchSpace.objects.all(), teams, words, most,
        fields=("name", "description", "space__parameters"),
        says=lambda space: ", ".join(row.get("name", "") for row in space.space.get("parameters", ())),
    )  # fmt: skip


def comparisons(teams: Sequence[Team], words: Words, most: int) -> Found:
    """By name and note."""
    return _library(
        ("Comparisons", "table", "compare:saved"), Comparison.objects.all(), teams, words, most,
        fields=("name", "note"), says=lambda _: "", note="note",
    )  # fmt: skip


def runners(teams: Sequence[Team], words: Words, most: int) -> Found:
    """Those that serve one of the teams, by name and host."""
    served = Runner.objects.annotate(team_count=Count("teams")).filter(Q(team_count=0) | Q(teams__in=teams)).distinct()
    for word in words:
        served = served.filter(Q(name__icontains=word) | Q(facts__hostname__icontains=word))
    rows = list(served.order_by("name")[: most + 1])
    page = reverse("runners:list")
    hits = [
        Hit(runner.name, f"{page}#runner-{runner.public_id}", str(runner.facts.get("hostname", "")), runner.state)
        for runner in rows[:most]
    ]
    return Found("Runners", "server-2", tuple(hits), len(rows) > most, page)


def _library(
    look: tuple[str, str, str],
    things: QuerySet[Any],
    teams: Sequence[Team],
    words: Words,
    most: int,
    *,
    fields: tuple[str, ...],
    says: Callable[[Any], str],
    note: str = "description",
) -> Found:
    """`look`: the kind's name, its icon, and its page's view."""
    kind, icon, view = look
    things = things.filter(team__in=teams)
    for word in words:
        things = things.filter(Q(*((f"{name}__icontains", word) for name in fields), _connector=Q.OR))
    rows = list(things.order_by("name", "pk")[: most + 1])
    hits = [
        Hit(
            title=thing.name,
            url=reverse(view, args=[thing.public_id]),
            says=" · ".join(filter(None, [says(thing), around(getattr(thing, note), words)])),
            team=_team(teams, thing.team_id),
        )
        for thing in rows[:most]
    ]
    return Found(kind, icon, tuple(hits), len(rows) > most)


def _team(teams: Sequence[Team], pk: int) -> str:
    """The team's name, where there are several."""
    return next((team.name for team in teams if team.pk == pk), "") if len(teams) > 1 else ""
