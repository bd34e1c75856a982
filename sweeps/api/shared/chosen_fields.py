"""`?fields=id,name,best.value`: only these fields of a thing, to keep answers small."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rest_framework import exceptions
from rest_framework.request import Request

ASKS: Final = {"fields": "Only these fields, with commas; a dot goes into an object: `id,best.value`."}
MOST: Final = 50


def choose(request: Request, rows: Iterable[Mapping[str, Any]], shape: type) -> list[dict[str, Any]]:
    """The rows with the fields that are asked for, all of them where nothing is said. `shape`: their TypedDict.

    ValidationError names a field that the shape has not.
    """
    text = request.query_params.get("fields")
    if text is None:
        return [dict(row) for row in rows]
    paths = [path for path in text.split(",") if path][:MOST]
    known = list(shape.__annotations__)
    unknown = [path for path in paths if path.partition(".")[0] not in known]
    if unknown or not paths:
        raise exceptions.ValidationError(
            {"fields": [f"There is no field {(unknown or [''])[0][:50]!r}. Choose among {', '.join(known)}."]}
        )
    return [_only(row, paths) for row in rows]


def choose_one(request: Request, row: Mapping[str, Any], shape: type) -> dict[str, Any]:
    """As `choose`, of one thing."""
    return choose(request, [row], shape)[0]


def _only(row: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in paths:
        at, value, into = found, row, path.split(".")
        for part in into[:-1]:
            value = value.get(part) if isinstance(value, Mapping) else None  # type: ignore[assignment]  # None ends it
            inner = at.setdefault(part, {})
            at = inner if isinstance(inner, dict) else {}
        at[into[-1]] = value.get(into[-1]) if isinstance(value, Mapping) else None
    return found
