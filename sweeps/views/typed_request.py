"""What views say to the type checker: every page is behind the login."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

from teams.models import User

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


def team_request(request: HttpRequest) -> "TeamRequest":
    """The request, which the team middleware has given `user` and `membership`."""
    return cast("TeamRequest", request)


def person(request: HttpRequest) -> User:
    """Who asks: a user, since the login middleware lets nobody else through."""
    return cast("User", request.user)
