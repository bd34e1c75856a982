"""The first page."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from runners.quarantine import quarantined_for
from sweeps.access import may_write, reading_team
from sweeps.models import Sweep
from sweeps.queries.home.page import home_of
from sweeps.queries.listing import home_counts
from sweeps.services.visits import look, mark_seen
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def home(request: "TeamRequest") -> HttpResponse:
    """What runs now, what finished since the person looked, who waits for what, the best so far, what to do next."""
    membership = request.membership
    context: dict[str, Any] = {"can_edit": may_write(membership)}
    if membership:
        team = membership.team
        context["quarantined"] = quarantined_for(request.user, team)
        context["any"] = Sweep.objects.filter(team=team).exists()
        if context["any"]:
            context["since"] = look(user=person(request), team=team)
            context["home"] = home_of(team, context["since"])
        else:
            context["counts"] = home_counts(team)
    return render(request, "home.html", context)


@require_POST
def seen(request: "TeamRequest") -> HttpResponse:
    """What has finished is no news any more."""
    mark_seen(user=person(request), team=reading_team(request.membership))
    return redirect("home")
