"""Saved views of the table, and the columns that a person has chosen."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_POST

from sweeps.access import get_sweep
from sweeps.models import SavedView
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.look import MOST_PINNED, read_look
from sweeps.services.views_saved import keep_columns, save_view
from sweeps.validation.problems import Invalid
from sweeps.views.trials_part import back_to, chosen_look
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_POST
def columns(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Remember the columns in the order in which they were sent; with `usual`, none."""
    sweep = get_sweep(request.user, public_id)
    known = columns_of(sweep)
    asked = dict.fromkeys(column.id for column in map(known.find, request.POST.getlist("columns")[:200]) if column)
    wanted = [] if request.POST.get("usual") else list(asked)
    pin = request.POST.get("pin", "")
    places = min(int(pin), MOST_PINNED) if pin.isascii() and pin.isdigit() and len(pin) < 3 else 1
    # The number always stands there, and has no box that could be sent.
    with_number = wanted if "number" in wanted or not wanted else ["number", *wanted]
    keep_columns(sweep=sweep, user=person(request), columns=with_number, pin=places)
    look = read_look(QueryDict(request.POST.get("back", "")[:10_000]).dict())
    return HttpResponseRedirect(back_to(sweep, look.query(columns=(), pin=1)))


@require_POST
def save(request: "TeamRequest", public_id: str) -> HttpResponse:
    """The look of `back` under a name; `shared`: for the whole team, which a viewer can't."""
    shared = bool(request.POST.get("shared"))
    sweep = get_sweep(request.user, public_id, make=shared)
    user = person(request)
    look = read_look(QueryDict(request.POST.get("back", "")[:10_000]).dict(), chosen_look(user, sweep))
    try:
        view = save_view(sweep=sweep, user=user, name=request.POST.get("name", ""), shared=shared, look=look)
    except Invalid as refused:
        messages.warning(request, refused.errors()[0].message)
    else:
        messages.success(request, f"The view {view.name} is saved{' for the team' if shared else ''}.")
    return HttpResponseRedirect(back_to(sweep, look.query(page=1)))


@require_POST
def delete(request: "TeamRequest", public_id: str, view_id: str) -> HttpResponse:
    """One's own view is gone."""
    sweep = get_sweep(request.user, public_id)
    view = SavedView.objects.filter(team=sweep.team, user=person(request), public_id=view_id).first()
    if view is None:
        raise Http404
    view.delete()
    messages.success(request, f"The view {view.name} is deleted.")
    return HttpResponseRedirect(back_to(sweep, request.POST.get("back", "")))
