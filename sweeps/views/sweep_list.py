"""The team's sweeps."""

from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sweeps.access import may_write, reading_team
from sweeps.queries.listing import listed_sweeps

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

PER_PAGE: Final = 25


@require_safe
def sweep_list(request: "TeamRequest") -> HttpResponse:
    """The newest first, a page at a time. `?archived=1`: the archive."""
    team = reading_team(request.membership)
    archived = request.GET.get("archived") == "1"
    page = Paginator(listed_sweeps(team, archived=archived), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "can_edit": may_write(request.membership),
        "archived": archived,
        "any_archived": archived or listed_sweeps(team, archived=True).exists(),
    }
    return render(request, "sweeps/sweep_list.html", context)
