"""SigOpt is gone; what people have defined for it goes on here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from sweeps import access
from sweeps.forms.sigopt import SigOptForm
from sweeps.forms.sweep_data import NEW_DRAFT
from sweeps.services import drafts, library
from sweeps.sigopt.convert import Converted
from sweeps.validation.draft import DraftBudget
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person, team_request
from teams.models import Team

UNNAMED = "From SigOpt"


@require_http_methods(["GET", "HEAD", "POST"])
def convert(request: HttpRequest) -> HttpResponse:
    """Show what a definition becomes; with `act=sweep` or `act=space`, make it."""
    team = access.writing_team(team_request(request).membership)
    if request.method != "POST":
        return render(request, "sweeps/sigopt_convert.html", {"form": SigOptForm()})
    form = SigOptForm(request.POST)
    if not form.is_valid():
        return render(request, "sweeps/sigopt_convert.html", {"form": form})
    converted: Converted = form.cleaned_data["converted"]
    match request.POST.get("act"):
        case "sweep":
            return _sweep(request, team, converted)
        case "space":
            answer = _space(request, team, converted, form)
            if answer is not None:
                return answer
    return render(request, "sweeps/sigopt_convert.html", {"form": form, "converted": converted})


def _sweep(request: HttpRequest, team: Team, converted: Converted) -> HttpResponse:
    draft = NEW_DRAFT.model_copy(
        update={
            "space": converted.space,
            "objectives": converted.objectives,
            "budget": DraftBudget(n_trials=converted.n_trials or 20),
            "children": converted.children,
        }
    )
    name = converted.name.strip() or UNNAMED
    sweep = drafts.save_draft(team=team, user=person(request), name=name, draft=draft, description=UNNAMED)
    messages.success(request, "The draft is made. Choose its model and its data.")
    return redirect("sweeps:edit", sweep.public_id)


def _space(request: HttpRequest, team: Team, converted: Converted, form: SigOptForm) -> HttpResponse | None:
    name = converted.name.strip() or UNNAMED
    try:
        space = library.save_space(
            team=team, user=person(request), name=name, parameters=converted.space, task=form.cleaned_data["task"]
        )
    except Invalid as error:
        for problem in error.problems:
            form.add_error(None, problem.message)
        return None
    messages.success(request, f"{space.name} is saved.")
    return redirect("library:space-edit", space.public_id)
