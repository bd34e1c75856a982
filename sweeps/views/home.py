"""The first page."""

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runners.quarantine import quarantined_for
from sweeps.access import may_write
from sweeps.queries.listed.rows import rows, sweeps_of
from sweeps.queries.listing import LATEST, home_counts

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def home(request: "TeamRequest") -> HttpResponse:
    """What runs now, what was done last, what to do next."""
    membership = request.membership
    context = {
        "rows": rows(sweeps_of(membership.team).filter(archived_at=None)[:LATEST]) if membership else [],
        "counts": home_counts(membership.team) if membership else {},
        "can_edit": may_write(membership),
        "quarantined": quarantined_for(request.user, membership.team) if membership else [],
    }
    return render(request, "home.html", context)
