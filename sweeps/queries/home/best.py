"""The best result of each task and data set."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KT

from runners.protocol.catalogue import catalogue
from sweeps.models import Sweep
from teams.models import Team


@dataclass(frozen=True)
class Best:
    """`dataset`: its name, or its Hub id. `value` is that of trial `number` of the sweep `sweep` (public id), `name`."""

    task: str
    dataset: str
    dataset_id: str
    metric: str
    direction: str
    value: float
    sweep: str
    name: str
    number: int
    who: str
    at: datetime | None


def best_results(team: Team, most: int) -> list[Best]:
    """The best trial of each task, data set and objective, those that were found last first. One query.

    Values of different metrics can't be compared, so each metric has its own best. Sweeps with several objectives have
    no best trial, and those in the archive are left out.
    """
    sweeps: Any = (
        Sweep.objects.filter(Q(spec__objectives__1__isnull=True), team=team, archived_at=None, best_trial__value__isnull=False)
        .annotate(
            metric=KT("spec__objectives__0__metric"),
            direction=KT("spec__objectives__0__direction"),
            task=KT("spec__task"),
            hub=KT("spec__data__id"),
            value=F("best_trial__value"),
            number=F("best_trial__number"),
            found=F("best_trial__finished_at"),
            dataset=F("dataset_version__dataset__name"),
            dataset_id=F("dataset_version__dataset__public_id"),
            who=F("created_by__name"),
            email=F("created_by__email"),
        )
        .order_by("pk")
        .values(
            "public_id", "name", "metric", "direction", "task", "hub", "value", "number", "found", "dataset", "dataset_id",
            "who", "email",
        )
    )  # fmt: skip
    best: dict[tuple[str, ...], Any] = {}
    for row in sweeps:
        key = (row["task"] or "", row["dataset_id"] or row["hub"] or "", row["metric"] or "", row["direction"] or "")
        held = best.get(key)
        sign = -1 if row["direction"] == "maximize" else 1
        if held is None or sign * row["value"] < sign * held["value"]:
            best[key] = row
    newest = sorted(best.values(), key=lambda row: (row["found"] is not None, row["found"]), reverse=True)[:most]
    return [_best(row) for row in newest]


def _best(row: Any) -> Best:
    known = catalogue().task(row["task"] or "")
    return Best(
        task=known.label if known else row["task"] or "",
        dataset=row["dataset"] or row["hub"] or "",
        dataset_id=row["dataset_id"] or "",
        metric=row["metric"] or "",
        direction=row["direction"] or "",
        value=row["value"],
        sweep=row["public_id"],
        name=row["name"],
        number=row["number"],
        who=row["who"] or row["email"] or "",
        at=row["found"],
    )
