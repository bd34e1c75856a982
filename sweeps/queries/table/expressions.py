"""Columns as SQL expressions over `Trial`."""

from typing import Any

from django.db.models import Exists, ExpressionWrapper, F, FloatField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import NullIf

from sweeps.models import Attempt, TrialNote, TrialStar, TrialTag
from sweeps.queries.table.columns import Column
from sweeps.queries.table.json_values import JsonNumber, JsonText

Expression = Any
"""Django's expressions have no common type that its stubs accept everywhere."""

_FIELDS = {"number": "number", "duration": "duration_s", "seed": "seed", "version": "space_version"}
_TEXTS = {"state": "state", "origin": "origin", "failure": "failure_code", "message": "failure_message"}
_JSON = {"param": "params", "metric": "last", "best": "best"}


def number_of(column: Column) -> Expression:
    """The column's numbers, null where there is none. For kinds "number", "duration" and "any"."""
    if column.part == "value":
        return F("value") if column.place == 0 else JsonNumber("values", column.place)
    if column.part in _JSON:
        return JsonNumber(_JSON[column.part], column.key)
    # As a float, so that a comparison with 1.5 is one with 1.5.
    return ExpressionWrapper(F(_FIELDS[column.part]), FloatField())


def text_of(column: Column) -> Expression:
    """The column's texts, null where there is none. For kinds "text" and "any"."""
    if column.part in _JSON:
        return JsonText(_JSON[column.part], column.key)
    if column.part == "runner":
        newest = Attempt.objects.filter(trial=OuterRef("pk")).order_by("-index")
        return Subquery(newest.values("job__runner__name")[:1], output_field=TextField())
    if column.part == "note":
        notes = TrialNote.objects.filter(trial=OuterRef("pk")).order_by("-pk")
        return NullIf(
            Subquery(notes.values("text")[:1], output_field=TextField()),
            Value("", TextField()),
            output_field=TextField(),
        )
    return NullIf(F(_TEXTS[column.part]), Value("", TextField()), output_field=TextField())


def starred() -> Exists:
    return Exists(TrialStar.objects.filter(trial=OuterRef("pk")))


def tagged(**which: Any) -> Exists:
    """Whether the trial has a tag of that kind, by lookups of `TrialTag`."""
    return Exists(TrialTag.objects.filter(trial=OuterRef("pk"), **which))
