"""Tags of versions: 304 for who polls and has the newest, 412 for who would overwrite what it has not seen."""

import hashlib
import json
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db.models import QuerySet
from django.http import HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sweeps.api.shared.pages import EPOCH
from sweeps.models.library import LibraryObject

CHANGED: Final = "Somebody has changed it since you read it. Get it again, and decide anew."


class Changed(exceptions.APIException):
    """412: If-Match names another version."""

    status_code = 412
    default_code = "changed"
    default_detail = CHANGED


class TaggedView(APIView):
    """Answers to GET carry an ETag, and are 304 where If-None-Match names it.

    `clocks`: names of figures that only time moves; they do not make another version.
    """

    clocks: frozenset[str] = frozenset()
    conditional = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if request.method != "GET" or response.status_code != 200 or not isinstance(response, Response):
            return response
        tag = response.get("ETag") or _tag(response.data, self.clocks)
        if _named(request.headers.get("If-None-Match", ""), tag):
            response = HttpResponseNotModified()
        response["ETag"] = tag
        response["Cache-Control"] = "private, no-cache"
        response["Vary"] = "Authorization, Cookie"
        return response


def version_tag(thing: LibraryObject) -> str:
    """Of a library object as it stands in the database."""
    return f'"{thing.public_id}-{(thing.updated_at - EPOCH) // timedelta(microseconds=1):x}"'


Part = TypeVar("Part", bound=LibraryObject)


def held(request: Request, rows: QuerySet[Part], public_id: str) -> Part:
    """The row, held until the transaction ends. Http404 where it was deleted meanwhile, `Changed` (412) where If-Match
    names another version of it."""
    part = get_object_or_404(rows.select_for_update(), public_id=public_id)
    wanted = request.headers.get("If-Match")
    if wanted is not None and not _named(wanted, version_tag(part)):
        raise Changed
    return part


def _named(header: str, tag: str) -> bool:
    """Whether the header names the tag. A proxy that compresses makes a weak one of it, which means the same here."""
    return any(each == "*" or each.removeprefix("W/") == tag.removeprefix("W/") for each in parse_etags(header))


def _tag(data: Any, clocks: frozenset[str]) -> str:
    text = json.dumps(_still(data, clocks) if clocks else data, separators=(",", ":"), sort_keys=True, default=str)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _still(data: Any, clocks: frozenset[str]) -> Any:
    if isinstance(data, dict):
        return {key: _still(value, clocks) for key, value in data.items() if key not in clocks}
    return data
