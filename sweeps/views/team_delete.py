"""The end of a team, after its name was typed."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from sweeps.services.control import NotNow
from sweeps.services.team_removal import delete_team, team_counts
from sweeps.validation.problems import Invalid
from teams.access import Right, get_team

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_http_methods(["GET", "HEAD", "POST"])
def team_delete(request: "TeamRequest", public_id: str) -> HttpResponse:
    """For owners."""
    team = get_team(request.user, public_id, Right.OWN).team
    error = ""
    if request.method == "POST":
        try:
            delete_team(team=team, user=request.user, name=request.POST.get("name", ""))
        except NotNow as refused:
            error = str(refused)
        except Invalid as refused:
            error = refused.errors()[0].message
        else:
            messages.success(request, f"The team {team} is deleted.")
            return redirect("teams:list")
    context = {"shown": team, "error": error, "counts": team_counts(team)}
    return render(request, "teams/team_delete.html", context, status=422 if error else 200)
