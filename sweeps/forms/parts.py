"""The library's parts that a team's sweep may be made of, as choices."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model as Row

from runners.protocol.catalogue import catalogue
from sweeps.models import DatasetVersion, Model, SearchSpace
from teams.models import Team

Groups = list[tuple[str, list[tuple[Row, str]]]]
PARTS: Final = ("model", "dataset_version", "space")


class Parts:
    """What may be chosen for each of `PARTS`: `rows[part][public id]`, and the choices grouped by task."""

    def __init__(self, team: Team) -> None:
        groups = {"model": _models(team), "dataset_version": _versions(team), "space": _spaces(team)}
        self.rows: dict[str, dict[str, Any]] = {
            name: {_key(row): row for _, entries in found for row, _ in entries} for name, found in groups.items()
        }
        self._groups = groups

    def choices(self, name: str, extra: Iterable[tuple[str, str]] = ()) -> list[Any]:
        """For a select, with an empty first choice."""
        groups = self._groups[name]
        return [
            ("", "Choose"),
            *extra,
            *((heading, [(_key(row), label) for row, label in entries]) for heading, entries in groups),
        ]


def _key(row: Row) -> str:
    return str(row.public_id)  # type: ignore[attr-defined]  # a library object


def _grouped(rows: Iterable[tuple[str, Row, str]]) -> Groups:
    groups: dict[str, list[tuple[Row, str]]] = {}
    for heading, row, label in rows:
        groups.setdefault(heading, []).append((row, label))
    return list(groups.items())


def _task_label(task: str) -> str:
    entry = catalogue().task(task)
    return entry.label if entry else "Any task"


def _models(team: Team) -> Groups:
    rows = Model.objects.filter(team=team).order_by("task", "name")
    return _grouped((_task_label(row.task), row, row.name) for row in rows)


def _spaces(team: Team) -> Groups:
    rows = SearchSpace.objects.filter(team=team).order_by("task", "name")
    return _grouped((_task_label(row.task), row, row.name) for row in rows)


def _versions(team: Team) -> Groups:
    rows = DatasetVersion.objects.filter(dataset__team=team).select_related("dataset")
    ordered = rows.order_by("dataset__task", "dataset__name", "-number").defer("preview", "origin")
    return _grouped(
        (_task_label(row.dataset.task), row, f"{row.dataset.name}, version {row.number}") for row in ordered
    )
