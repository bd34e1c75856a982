"""The page of what a team takes of the server's disk, and of what is removed when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sweeps import access
from sweeps.queries.usage import shares, usage
from sweeps.services.retention import rules
from sweeps.views.typed_request import team_request


@require_safe
def storage(request: HttpRequest) -> HttpResponse:
    team = access.reading_team(team_request(request).membership)
    context = {"usage": usage(team), "shares": shares(team), "rules": rules()}
    return render(request, "library/storage.html", context)
