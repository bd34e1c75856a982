"""The page of what may still change in a sweep: trials, time, space."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from runners.protocol.states import SweepState
from sweeps.access import get_sweep
from sweeps.forms.amend import BudgetForm, ExtendForm, SpaceForm
from sweeps.models import Sweep
from sweeps.queries.details import frozen_spec
from sweeps.queries.failures_excluded import ROW, proposed
from sweeps.services.amend import amend_budget, amend_space, extend_sweep
from sweeps.services.control import NotNow
from sweeps.services.wanted import is_over
from sweeps.validation.amendment import RowChange, why_fixed
from sweeps.validation.bounds import edges
from sweeps.validation.problems import Invalid, Problem
from sweeps.views.typed_request import person

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

AnyForm = BudgetForm | ExtendForm | SpaceForm


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: "TeamRequest", public_id: str) -> HttpResponse:
    """Three forms, each by itself: `act` is budget, extend, space, or edges (extend where the best trials stand).

    The question may propose what to take out of the space, see `Exclusion`; it is filled in, and saved once it is sent.
    """
    sweep = get_sweep(request.user, public_id, write=True)
    if sweep.state == SweepState.DRAFT.value:
        return redirect("sweeps:edit", public_id)
    act = request.POST.get("act", "")
    context = _context(sweep, request.POST if request.method == "POST" else None, act, request.GET)
    if request.method == "POST":
        try:
            said = _take(request, sweep, context, act)
        except NotNow as error:
            messages.warning(request, str(error))
            return redirect("sweeps:detail", public_id)
        if said:
            messages.success(request, said)
            return redirect("sweeps:detail", public_id)
    return render(request, "sweeps/sweep_change.html", context, status=422 if request.method == "POST" else 200)


def _context(sweep: Sweep, data: Any, act: str, question: Mapping[str, str]) -> dict[str, Any]:
    spec = frozen_spec(sweep)
    over = is_over(sweep)
    budget = {
        "extend": ExtendForm(data if act == "extend" else None, sweep=sweep) if over else None,
        "budget": None if over else BudgetForm(data if act == "budget" else None, sweep=sweep),
    }
    fixed = why_fixed(spec.backend) if spec else "The space is the script's own: change it there."
    space, proposal = None, None
    if spec and not fixed:
        # What was sent is the person's own, though the address still proposes.
        proposal = proposed(spec.space, question) if data is None and ROW in question else None
        told = proposal.changes if proposal else {}
        changes = {name: RowChange.model_validate(change) for name, change in told.items()}
        space = SpaceForm(data if act == "space" else None, space=spec.space, proposed=changes)
    return {"sweep": sweep, **budget, "space": space, "proposal": proposal, "fixed": fixed, "edges": edges(sweep)}


def _take(request: "TeamRequest", sweep: Sweep, context: dict[str, Any], act: str) -> str:
    """Do it; what to say, or nothing when the form must be shown again."""
    user = person(request)
    if act == "edges":
        names = request.POST.getlist("name")
        moved = {edge["name"]: edge for edge in context["edges"] if edge["name"] in names}
        changes = {name: RowChange.model_validate({edge["side"]: edge["proposal"]}) for name, edge in moved.items()}
        if not changes:
            raise NotNow("The best trials do not stand at the end of the space any more.")
        amend_space(sweep=sweep, user=user, changes=changes)
        return _space_said(sweep)
    form: AnyForm | None = context.get(act)
    if form is None:
        raise NotNow("The sweep has changed since the page was made. Look at it again.")
    if not form.is_valid():
        return ""
    data = form.cleaned_data
    try:
        if isinstance(form, SpaceForm):
            amend_space(sweep=sweep, user=user, changes=data["changes"])
            return _space_said(sweep)
        if isinstance(form, BudgetForm):
            amend_budget(sweep=sweep, user=user, timeout_s=form.timeout_s, **_counts(data))
            return "The sweep's budget is changed."
        extend_sweep(sweep=sweep, user=user, timeout_s=form.timeout_s, **_counts(data))
        return "The sweep goes on."
    except Invalid as refused:
        _refuse(form, refused.problems)
        return ""


def _counts(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("n_trials", "max_failed_trials")}


def _space_said(sweep: Sweep) -> str:
    if is_over(sweep):
        return "The space is changed. Add trials to search in it."
    return "The space is changed. Trials that run now finish; those after them are drawn from the new one."


def _refuse(form: AnyForm, problems: tuple[Problem, ...]) -> None:
    if isinstance(form, SpaceForm):
        form.refuse(problems)
        return
    for problem in problems:
        name = {"timeout_s": "timeout_minutes"}.get(problem.path, problem.path)
        form.add_error(name if name in form.fields else None, problem.message)
