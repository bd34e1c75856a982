"""Trials made, changed, repeated and ended on the pages. Each works by a plain form."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from runners.protocol.space import SearchSpace
from sweeps.access import get_sweep, get_trial, get_trials
from sweeps.forms.trial import TrialForm
from sweeps.models import Sweep, Trial
from sweeps.queries.table.ranges import read_ranges
from sweeps.services.added_trials import Added, change_trial, enqueue_trial, retry_trial, space_of
from sweeps.services.bulk import MOST, TRIAL_VERBS, for_trials
from sweeps.services.control import NotNow
from sweeps.services.trial_orders import prune_trial, remove_trial, stop_trial
from sweeps.services.wanted import is_over
from sweeps.validation.problems import Invalid
from sweeps.validation.retrying import proposal
from sweeps.views.acts import tell
from sweeps.views.trials_part import back_to
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

NO_SPACE = "The script's parameters have no search space here that values could be checked against."


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: "TeamRequest", public_id: str) -> HttpResponse:
    """A trial of one's own; it begins with the values of the best one."""
    sweep = get_sweep(request.user, public_id, write=True)
    best = sweep.best_trial.params if sweep.best_trial else {}
    origin = f"The values are those of the best trial, number {sweep.best_trial.number}." if sweep.best_trial else ""
    return _form(
        request,
        sweep,
        start=best,
        origin=origin,
        title="Add a trial",
        act=lambda params: enqueue_trial(sweep=sweep, user=person(request), params=params),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """Other values for a trial that waits."""
    trial = get_trial(request.user, public_id, number, write=True)
    return _form(
        request,
        trial.sweep,
        start=trial.params,
        title=f"Change trial {number}",
        act=lambda params: change_trial(trial=trial, user=person(request), params=params),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def retry(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """Again: with `same`, as it was; else with the values of the form."""
    trial = get_trial(request.user, public_id, number, write=True)
    user = person(request)
    space = space_of(trial.sweep)
    if request.method == "POST" and (request.POST.get("same") or space is None):
        return _do(request, trial, lambda: retry_trial(trial=trial, user=user))
    start, origin = proposal(trial, space) if space else ({}, "")
    return _form(
        request,
        trial.sweep,
        start=start,
        origin=origin,
        title=f"Retry trial {number}",
        trial=trial,
        act=lambda params: retry_trial(trial=trial, user=user, changes=params),
    )


@require_POST
def stop(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """It ends now and keeps its value so far."""
    trial = get_trial(request.user, public_id, number, write=True)
    return _do(request, trial, lambda: stop_trial(trial=trial, user=person(request)))


@require_POST
def prune(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """It ends now, as pruned."""
    trial = get_trial(request.user, public_id, number, write=True)
    return _do(request, trial, lambda: prune_trial(trial=trial, user=person(request)))


@require_POST
def remove(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """Out of the queue."""
    trial = get_trial(request.user, public_id, number, write=True)
    return _do(request, trial, lambda: remove_trial(trial=trial, user=person(request)))


@require_POST
def bulk(request: "TeamRequest", public_id: str) -> HttpResponse:
    """One verb for the trials that were chosen in the table."""
    sweep = get_sweep(request.user, public_id, write=True)
    verb = request.POST.get("verb", "")
    back = HttpResponseRedirect(back_to(sweep, request.POST.get("back", "")))
    told = read_ranges(request.POST.getlist("numbers"))
    if verb not in TRIAL_VERBS or not told:
        messages.warning(request, "Choose one or more trials first, then what is to be done with them.")
        return back
    if len(told) > MOST:
        messages.warning(request, f"{len(told)} trials are chosen: {MOST} at a time.")
        return back
    trials = get_trials(sweep, told)
    names = {str(trial.number): f"Trial {trial.number}" for trial in trials}
    tell(request, for_trials(verb=verb, trials=trials, user=person(request)), verb, "trial", names)
    return back


def _form(
    request: "TeamRequest",
    sweep: Sweep,
    *,
    start: Any,
    title: str,
    act: Callable[[dict[str, Any]], object],
    origin: str = "",
    trial: Trial | None = None,
) -> HttpResponse:
    space: SearchSpace | None = space_of(sweep)
    if space is None:
        messages.warning(request, NO_SPACE)
        return redirect("sweeps:detail", sweep.public_id)
    form = TrialForm(request.POST if request.method == "POST" else None, space=space, start=start)
    if form.is_bound and form.is_valid():
        try:
            told = act(form.cleaned_data["params"])
        except NotNow as error:
            messages.warning(request, str(error))
            return redirect("sweeps:detail", sweep.public_id)
        except Invalid as refused:
            form.refuse(refused.problems)
        else:
            messages.success(request, _said(told))
            return redirect("sweeps:detail", sweep.public_id)
    context = {
        "sweep": sweep,
        "form": form,
        "title": title,
        "origin": origin,
        "trial": trial,
        "over": is_over(sweep),
        "derived": [row.name for row in space.derived],
    }
    return render(request, "sweeps/trial_form.html", context, status=422 if form.errors else 200)


def _said(told: object) -> str:
    if isinstance(told, Added):
        grown = f" The sweep has {told.trial.sweep.n_trials} trials now, one more." if told.grew else ""
        return f"Trial {told.trial.number} waits for a runner.{grown}"
    return f"Trial {told.number} is changed." if isinstance(told, Trial) else "Done."


def _do(request: "TeamRequest", trial: Trial, act: Callable[[], object]) -> HttpResponse:
    try:
        told = act()
    except NotNow as error:
        messages.warning(request, str(error))
    except Invalid as refused:
        messages.warning(request, refused.errors()[0].message)
    else:
        if isinstance(told, Added):
            messages.success(request, _said(told))
    return redirect("sweeps:detail", trial.sweep.public_id)
