"""What a view knows of who asks."""

from typing import TYPE_CHECKING, cast

from rest_framework.request import Request

from sweeps.access import writing_team
from teams.access import Right, require
from teams.models import Membership, Team, User

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


def person(request: Request) -> User:
    """Who asks, or for whom a program asks: somebody, since the API lets nobody else in."""
    return cast("User", request.user)


def team_to_write(request: Request) -> Team:
    """Where a new thing is made: the token's team, or the session's. PermissionDenied for viewers."""
    seen = cast("TeamRequest", request._request)  # noqa: SLF001  the one that the middleware has seen
    return writing_team(seen.membership)


def membership_of(request: Request) -> Membership:
    """The person's membership in the token's team, or the session's. PermissionDenied for who is in none."""
    seen = cast("TeamRequest", request._request)  # noqa: SLF001  the one that the middleware has seen
    return require(seen.membership, Right.LOOK)
