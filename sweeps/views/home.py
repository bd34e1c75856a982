"""The first page."""

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runners.quarantine import quarantined_for
from sweeps.access import may_write
from sweeps.queries.listing import LATEST, home_counts, listed_sweeps

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def home(request: "TeamRequest") -> HttpResponse:
    """What runs now, what was done last, what to do next."""
    membership = request.membership
    context = {
        "sweeps": list(listed_sweeps(membership.team)[:LATEST]) if membership else [],
        "counts": home_counts(membership.team) if membership else {},
        "can_edit": may_write(membership),
        "quarantined": quarantined_for(request.user, membership.team) if membership else [],
    }
    return render(request, "home.html", context)
