"""The list of sweeps, as the page filters it, for programs."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from rest_framework import exceptions
from rest_framework.request import Request
from typing_extensions import TypedDict

from sweeps.api.shared import chosen_fields, pages
from sweeps.api.shared.requests import person
from sweeps.models import Sweep, SweepTag
from sweeps.queries.listed.filter import fitting, read_asked
from sweeps.queries.listing import listed_sweeps
from sweeps.queries.rows import iso
from sweeps.queries.shapes import Figure
from teams.reach import teams_of

ASKS: Final = {
    "q": "Words that all stand in name, notes or tags, in any case.",
    "owner": "Made by the person with this email address, or `me`.",
    "state": "draft, queued, running, paused, complete, fail or cancelled; `open` (under way) or `finished`.",
    "tag": "With this tag.",
    "model": "With the model of this id.",
    "dataset": "With a version of the data set of this id.",
    "backend": "optuna, ray or wandb.",
    "start": "Made on this day or later, as 2026-01-31.",
    "end": "Made on this day or earlier.",
    "created_after": "Made after this moment, as 2026-01-31T12:00:00Z.",
    "created_before": "Made before this moment.",
    "archived": "1: those in the archive instead.",
    **pages.ASKS,
    **chosen_fields.ASKS,
}


class BestValue(TypedDict):
    number: int
    value: Figure


class NamedPart(TypedDict):
    id: str
    name: str


class SweepSummary(TypedDict):
    """`counted`: trials that count towards `n_trials`. `objectives`: of the frozen spec, else of the draft."""

    id: str
    name: str
    description: str
    state: str
    team: str
    owner: str | None
    tags: list[str]
    model: NamedPart | None
    dataset: NamedPart | None
    backend: str
    objectives: list[dict[str, Any]]
    counted: int
    n_trials: int
    best: BestValue | None
    failure_code: str
    position: int
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    archived: bool


class SweepPage(TypedDict):
    """`next`: what `after` takes for the next page; null at the end."""

    sweeps: list[SweepSummary]
    next: str | None


def wanted_sweeps(request: Request) -> QuerySet[Sweep]:
    """Those of the user's teams that the address asks for. ValidationError by field."""
    query = {str(name): str(text) for name, text in request.query_params.items()}
    asked = read_asked(query)
    problems = {name: [text] for name, text in asked.problems.items()}
    moments: dict[str, Any] = {}
    for name, lookup in (("created_after", "created_at__gt"), ("created_before", "created_at__lt")):
        if query.get(name):
            found = _moment(query[name])
            if found is None:
                problems[name] = ["Write a moment as 2026-01-31T12:00:00Z."]
            else:
                moments[lookup] = found
    if problems:
        raise exceptions.ValidationError(dict(problems))
    teams = teams_of(request.user)
    sweeps = listed_sweeps(*teams, archived=asked.archived).select_related(
        "team", "created_by", "model", "dataset_version__dataset", "best_trial"
    )
    return fitting(sweeps, asked, person(request)).filter(**moments).defer()


def summaries(sweeps: Iterable[Sweep]) -> list[SweepSummary]:
    """Of sweeps from `wanted_sweeps`. One query."""
    listed = list(sweeps)
    tags: dict[int, list[str]] = {}
    for pk, name in SweepTag.objects.filter(sweep__in=listed).order_by("name").values_list("sweep_id", "name"):
        tags.setdefault(pk, []).append(name)
    return [_summary(sweep, tags.get(sweep.pk, [])) for sweep in listed]


def _summary(sweep: Sweep, tags: list[str]) -> SweepSummary:
    best = sweep.best_trial
    data = sweep.dataset_version.dataset if sweep.dataset_version else None
    wanted: dict[str, Any] = sweep.spec or sweep.draft or {}
    return {
        "id": sweep.public_id,
        "name": sweep.name,
        "description": sweep.description,
        "state": sweep.state,
        "team": sweep.team.public_id,
        "owner": sweep.created_by.email if sweep.created_by else None,
        "tags": tags,
        "model": {"id": sweep.model.public_id, "name": sweep.model.name} if sweep.model else None,
        "dataset": {"id": data.public_id, "name": data.name} if data else None,
        "backend": str((wanted.get("backend") or {}).get("name", "optuna")),
        "objectives": list(wanted.get("objectives") or ()),
        "counted": sweep.counted_trials,  # type: ignore[attr-defined]  # annotated by the query
        "n_trials": sweep.n_trials,
        "best": {"number": best.number, "value": best.values[0]} if best and best.values else None,
        "failure_code": sweep.failure_code,
        "position": sweep.position,
        "created_at": iso(sweep.created_at),
        "started_at": iso(sweep.started_at),
        "finished_at": iso(sweep.finished_at),
        "archived": sweep.archived_at is not None,
    }


def _moment(text: str) -> datetime | None:
    try:
        # A plus sign in an address is a space.
        found = parse_datetime(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
        return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
