"""Which objects of the library a list holds."""

from typing import Final, TypeVar

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from sweeps.api.shared import chosen_fields, pages
from sweeps.models.library import LibraryObject
from teams.reach import teams_of

Thing = TypeVar("Thing", bound=LibraryObject)

ASKS: Final = {
    "q": "A word of the name or the description, in any case.",
    "name": "The whole name.",
    "task": "Of this task.",
    **pages.ASKS,
    **chosen_fields.ASKS,
}
_LONGEST: Final = 200


def wanted(request: Request, things: QuerySet[Thing]) -> QuerySet[Thing]:
    """Those of the user's teams that the address asks for."""
    found = things.filter(team__in=teams_of(request.user)).select_related("team", "created_by")
    asked = {name: str(text).replace("\0", "\ufffd")[:_LONGEST] for name, text in request.query_params.items()}
    if asked.get("q"):
        found = found.filter(Q(name__icontains=asked["q"]) | Q(description__icontains=asked["q"]))
    return found.filter(**{name: asked[name] for name in ("name", "task") if asked.get(name)})
