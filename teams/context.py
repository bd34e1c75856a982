"""Template context: the current team and the theme."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from teams.models import Theme


def team(request: HttpRequest) -> dict[str, Any]:
    """`team`, `membership` (falsy without one), `theme` (light, dark or system), `demo` with `demo_login`.

    `sign_up`: may anybody make an account.
    """
    membership = getattr(request, "membership", None)
    user = getattr(request, "user", None)
    return {
        "membership": membership,
        "team": membership.team if membership else None,
        "theme": getattr(user, "theme", Theme.SYSTEM),
        "demo": settings.DEMO,
        "demo_login": settings.DEMO_LOGIN if settings.DEMO else None,
        "sign_up": settings.SIGNUP == "open",
    }
