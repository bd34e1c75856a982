"""Pages of the fleet."""

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from runners.queries import runners_for

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def runner_list(request: "TeamRequest") -> HttpResponse:
    """The machines that may run this team's sweeps."""
    team = request.membership.team if request.membership else None
    return render(request, "runners/runner_list.html", {"runners": runners_for(team) if team else []})
