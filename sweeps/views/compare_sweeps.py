"""Whole sweeps side by side. Whole without a script."""

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from sweeps.access import get_sweeps, reachable_sweeps
from sweeps.queries.compare.sweeps import MOST, compared_sweeps, lines

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def compare_sweeps(request: "TeamRequest") -> HttpResponse:
    """`?sweeps=a,b,c`, in this order; what is out of reach is named, not shown."""
    asked = list(dict.fromkeys(one.strip() for one in request.GET.get("sweeps", "").split(",") if one.strip()))
    found = reachable_sweeps(request.user, asked[:MOST])
    started = [sweep for sweep in found if sweep.spec]
    known = {sweep.public_id for sweep in found}
    shown = compared_sweeps(started)
    context = {
        "found": shown,
        "lines": lines(shown),
        "verdict": shown.verdict,
        "sides": shown.sides,
        "missing": [one[:100] for one in asked[:MOST] if one not in known],
        "drafts": [sweep.name for sweep in found if not sweep.spec],
        "more": max(len(asked) - MOST, 0),
        "most": MOST,
        "asked": ",".join(sweep.public_id for sweep in started),
    }
    return render(request, "compare/sweeps.html", context, status=404 if asked and not found else 200)


@require_POST
def chosen_sweeps(request: "TeamRequest") -> HttpResponse:
    """The sweeps that were chosen in the list: to their comparison."""
    sweeps = get_sweeps(request.user, request.POST.getlist("ids"))
    if not sweeps:
        messages.warning(request, "Choose one or more sweeps first.")
        return redirect("sweeps:list")
    if len(sweeps) > MOST:
        messages.warning(request, f"{len(sweeps)} sweeps are chosen: the first {MOST} are compared.")
    ids = ",".join(sweep.public_id for sweep in sweeps[:MOST])
    return redirect(f"{reverse('compare:sweeps')}?sweeps={ids}")
