"""Template context: the current team and the theme."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from teams.invitations import invitation_of
from teams.models import Team, Theme


def team(request: HttpRequest) -> dict[str, Any]:
    """`team`, `membership` (falsy without one), `theme` (light, dark or system), `demo` with `demo_login`.

    `sign_up`: may anybody make an account. `invitation`: with which a stranger came. `my_teams`: of the person, by name,
    read when they are shown.
    """
    membership = getattr(request, "membership", None)
    user = getattr(request, "user", None)
    signed_in = bool(user and user.is_authenticated)
    return {
        "membership": membership,
        "team": membership.team if membership else None,
        "theme": getattr(user, "theme", Theme.SYSTEM),
        "demo": settings.DEMO,
        "demo_login": settings.DEMO_LOGIN if settings.DEMO else None,
        "sign_up": settings.SIGNUP == "open",
        "invitation": None if signed_in else invitation_of(request),
        "my_teams": _teams(request) if signed_in else (),
    }


def _teams(request: HttpRequest) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user=request.user.pk).order_by("name", "pk")
