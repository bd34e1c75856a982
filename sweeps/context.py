"""Template context: the warning about the team's disk."""

from typing import Any

from django.http import HttpRequest

from sweeps.queries.usage import Usage, quota_of, usage


def storage(request: HttpRequest) -> dict[str, Any]:
    """`storage`: the team's `Usage` where it nears or has reached its quota, else None. No query without a quota."""
    membership = getattr(request, "membership", None)
    if not membership or quota_of(membership.team) is None:
        return {"storage": None}

    def full() -> Usage | None:
        now = usage(membership.team)
        return now if now.level else None

    # Called by the templates that show it.
    return {"storage": full}
