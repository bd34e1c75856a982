"""The team's sweeps: found, ordered, a page at a time. Whole without a script."""

from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sweeps.access import may_write, reading_team
from sweeps.models import Sweep
from sweeps.queries.listed.choices import chips, choices
from sweeps.queries.listed.filter import Asked, fitting, read_asked
from sweeps.queries.listed.rows import rows, sweeps_of

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

PER_PAGE: Final = 50
COLUMNS: Final = (("Sweep", "name"), ("State", "state"), ("Owner", "owner"), ("Made", "created"))
"""Headings that order the list, and by what."""


@require_safe
def sweep_list(request: "TeamRequest") -> HttpResponse:
    """One page of what the address asks for, see `queries.listed.filter`. As many queries for one sweep as for 50."""
    team = reading_team(request.membership)
    asked = read_asked(request.GET.dict())
    page = Paginator(fitting(sweeps_of(team), asked, request.user), PER_PAGE).get_page(request.GET.get("page"))
    found = choices(team, asked)
    everything = Sweep.objects.filter(team=team)
    context = {
        "page_obj": page,
        "rows": rows(page.object_list),
        "asked": asked,
        "query": f"{asked.query()}&" if asked.query() else "",
        "choices": found,
        "chips": chips(found, asked),
        "sorts": {label: _sort(asked, column) for label, column in COLUMNS},
        "can_edit": may_write(request.membership),
        "archived": asked.archived,
        "any": page.paginator.count > 0 or everything.filter(archived_at__isnull=not asked.archived).exists(),
        "any_archived": asked.archived or everything.filter(archived_at__isnull=False).exists(),
    }
    return render(request, "sweeps/sweep_list.html", context)


@require_safe
def changed_rows(request: "TeamRequest") -> HttpResponse:
    """`?seen=<id>:<position>,…`: the rows of those that have moved on, as a table; 204 where none has.

    The rest of the address is the list's own; the header `Sweeps` tells how many fit now.
    """
    team = reading_team(request.membership)
    seen = dict(_position(pair) for pair in request.GET.get("seen", "").split(",")[: 2 * PER_PAGE])
    mine = Sweep.objects.filter(team=team, public_id__in=seen).values_list("pk", "public_id", "position")
    moved = [pk for pk, public_id, position in mine if position != seen[public_id]]
    if moved:
        context = {"rows": rows(sweeps_of(team).filter(pk__in=moved)), "bulk": request.GET.get("bulk") == "1"}
        answer = render(request, "sweeps/sweep_rows.html", context)
    else:
        answer = HttpResponse(status=204)
    if request.GET.get("bulk") == "1":
        everything = Sweep.objects.filter(team=team)
        answer["Sweeps"] = str(fitting(everything, read_asked(request.GET.dict()), request.user).count())
    answer["Cache-Control"] = "no-store"
    return answer


def _position(pair: str) -> tuple[str, int]:
    """Of `<id>:<position>`; -1 where it is none, which no sweep has."""
    public_id, _, position = pair.partition(":")
    return public_id.replace("\0", ""), int(position) if position.isascii() and position.isdigit() else -1


def _sort(asked: Asked, column: str) -> dict[str, str]:
    """A heading's link: the query that orders by it (the other way round where it does already), and how it orders now."""
    now = {column: "ascending", f"-{column}": "descending"}.get(asked.sort, "")
    downwards = column == "created" if not now else now == "ascending"
    return {"query": asked.query(sort=f"-{column}" if downwards else column), "now": now}
