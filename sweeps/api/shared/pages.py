"""Lists in pages: the newest first, and a cursor that says where to go on.

The cursor names a moment and an id, so a page goes on where the one before ended, also where that thing is gone by now.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from django.db.models import Model as Table
from django.db.models import Q, QuerySet
from rest_framework import exceptions
from rest_framework.request import Request

Thing = TypeVar("Thing", bound=Table)

USUAL: Final = 100
MOST: Final = 200
ASKS: Final = {
    "after": "Go on behind this place: what `next` said.",
    "limit": f"So many at most, up to {MOST}; {USUAL} where it is left out.",
}
_CURSOR: Final = re.compile(r"(?P<us>[0-9a-f]{1,14})-(?P<id>[0-9A-Za-z]{12})", re.ASCII)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def page(request: Request, things: QuerySet[Thing]) -> tuple[list[Thing], str | None]:
    """The page that the address asks for, and the cursor of the next one, None at the end.

    `things` have `created_at` and `public_id`. ValidationError for a cursor or limit that is none.
    """
    after = request.query_params.get("after")
    if after:
        things = things.filter(_behind(things, after))
    size = limit_of(request) or USUAL
    found = list(things.order_by("-created_at", "-public_id")[: size + 1])
    return found[:size], cursor(found[size - 1]) if len(found) > size else None


def limit_of(request: Request) -> int | None:
    """How many are asked for, None where nothing is said."""
    text = request.query_params.get("limit")
    if text is None:
        return None
    limit = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= limit <= MOST:
        raise exceptions.ValidationError({"limit": [f"Ask for 1 to {MOST}, not {text[:20]!r}."]})
    return limit


def cursor(thing: Any) -> str:
    """The place behind a thing."""
    return f"{(thing.created_at - EPOCH) // timedelta(microseconds=1):x}-{thing.public_id}"


def _behind(things: QuerySet[Thing], text: str) -> Q:
    """What comes behind the cursor, or behind the thing with that id."""
    match = _CURSOR.fullmatch(text)
    if match is None:
        last: Any = things.filter(public_id=text.replace("\0", "")).first()
        if last is None:
            raise exceptions.ValidationError({"after": ["Give what `next` of the page before said."]})
        at, public_id = last.created_at, last.public_id
    else:
        try:
            at, public_id = EPOCH + timedelta(microseconds=int(match["us"], 16)), match["id"]
        except OverflowError:
            raise exceptions.ValidationError({"after": ["Give what `next` of the page before said."]}) from None
    return Q(created_at__lt=at) | Q(created_at=at, public_id__lt=public_id)
