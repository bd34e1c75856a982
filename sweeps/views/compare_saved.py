"""Comparisons kept by name: save, list, look at, delete."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sweeps.access import NO_WRITE, may_write_in, reachable_trials, reading_team
from sweeps.models import Comparison
from sweeps.queries.compare.address import read_asked
from sweeps.services.comparisons import save_comparison
from sweeps.validation.problems import Invalid
from sweeps.views.compare import shown
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def saved_list(request: "TeamRequest") -> HttpResponse:
    """The team's comparisons, the newest first."""
    team = reading_team(request.membership)
    kept = Comparison.objects.filter(team=team).select_related("user")
    return render(request, "compare/saved_list.html", {"comparisons": kept})


@require_safe
def saved(request: "TeamRequest", public_id: str) -> HttpResponse:
    """For everybody of the team, to look at: its link leads to the same trials as long as they are there."""
    kept = _reach(request, public_id)
    asked = read_asked(QueryDict(kept.query).dict())
    found = reachable_trials(request.user, asked.refs)
    return shown(request, asked, found, {"kept": kept, "gone": len(asked.refs) - len(found)})


@require_POST
def save(request: "TeamRequest") -> HttpResponse:
    """The comparison of `query` under a name, for the team of its trials."""
    asked = read_asked(QueryDict(request.POST.get("query", "")[:50_000]).dict())
    found = reachable_trials(request.user, asked.refs)
    trials = list(found.values())
    if trials and not may_write_in(request.user, trials[0].sweep.team):
        raise PermissionDenied(NO_WRITE)
    name, note = request.POST.get("name", ""), request.POST.get("note", "")
    try:
        kept = save_comparison(user=person(request), name=name, note=note, asked=asked, trials=trials)
    except Invalid as refused:
        messages.warning(request, refused.errors()[0].message)
        return HttpResponseRedirect(f"{reverse('compare:page')}?{asked.query()}")
    messages.success(request, f"The comparison {kept.name} is saved. Every member of {kept.team} can look at it here.")
    return redirect("compare:saved", kept.public_id)


@require_POST
def delete(request: "TeamRequest", public_id: str) -> HttpResponse:
    """By who saved it. The trials stay as they are."""
    kept = _reach(request, public_id)
    if kept.user_id != request.user.pk:
        raise PermissionDenied("Only who has saved a comparison can delete it.")
    kept.delete()
    messages.success(request, f"The comparison {kept.name} is deleted.")
    return redirect("compare:saved-list")


def _reach(request: "TeamRequest", public_id: str) -> Comparison:
    reach = Comparison.objects.filter(team__memberships__user=request.user.pk).select_related("team", "user")
    return get_object_or_404(reach, public_id=public_id)
