"""Confirm the best trials with further seeds: a small form, and the sweep that it makes."""

from statistics import median
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from runners.protocol.states import TrialState
from sweeps.access import get_sweep
from sweeps.forms.confirm import ConfirmForm
from sweeps.models import Sweep, Trial
from sweeps.services.confirm import best_trials, confirm_sweep
from sweeps.services.control import NotNow
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

SHOWN: Final = 10
"""So many of the best stand beneath the form."""


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: "TeamRequest", public_id: str) -> HttpResponse:
    """GET: the form with the best trials. POST: to the sweep that repeats them."""
    sweep = get_sweep(request.user, public_id, make=True)
    trials = best_trials(sweep, SHOWN) if sweep.spec else []
    if not trials:
        messages.warning(request, "No trial of this sweep is complete yet, so there is nothing to confirm.")
        return redirect("sweeps:detail", public_id)
    form = ConfirmForm(request.POST if request.method == "POST" else None, there=len(trials))
    if form.is_bound and form.is_valid():
        try:
            asked = form.cleaned_data
            child = confirm_sweep(sweep=sweep, user=person(request), best=asked["best"], seeds=asked["seeds"])
        except NotNow as error:
            messages.warning(request, str(error))
            return redirect("sweeps:detail", public_id)
        except Invalid as refused:
            form.refuse(list(refused.problems))
        else:
            messages.success(request, f"{child.n_trials} trials wait for a runner, none is drawn.")
            return redirect("sweeps:detail", child.public_id)
    context = {"sweep": sweep, "form": form, "trials": trials, "typical": _typical(sweep)}
    return render(request, "sweeps/sweep_confirm.html", context, status=422 if form.errors else 200)


def _typical(sweep: Sweep) -> float | None:
    """How long a complete trial took, in seconds: the median."""
    complete = Trial.objects.filter(sweep=sweep, state=TrialState.COMPLETE.value, duration_s__isnull=False)
    durations = [seconds for seconds in complete.values_list("duration_s", flat=True) if seconds is not None]
    return median(durations) if durations else None
