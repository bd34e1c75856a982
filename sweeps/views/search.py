"""The search over everything. Whole without a script; a list below the field comes from the same."""

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sweeps.queries.find.asked import read_looked
from sweeps.queries.find.everything import everything
from teams.reach import teams_of

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

ON_THE_PAGE: Final = 20
SUGGESTED: Final = 5
"""Of each kind."""


@require_safe
def search(request: "TeamRequest") -> HttpResponse:
    """`?q=`: what is found in the person's teams."""
    looked = read_looked(request.GET.get("q", ""))
    found = everything(teams_of(request.user), looked, ON_THE_PAGE)
    return render(request, "search/search.html", {"looked": looked, "found": found})


@require_safe
def suggest(request: "TeamRequest") -> HttpResponse:
    """`?q=`: the first of each kind, as the list below the field."""
    looked = read_looked(request.GET.get("q", ""))
    found = everything(teams_of(request.user), looked, SUGGESTED)
    answer = render(request, "search/suggest.html", {"looked": looked, "found": found})
    answer["Cache-Control"] = "no-store"
    return answer
