"""Make a sweep: the form, the review, and what becomes of a draft."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runners.optimizers.capabilities import described
from runners.queries import runners_for
from sweeps import access
from sweeps.forms.budget import AUTO
from sweeps.forms.sweep import SweepForm
from sweeps.forms.sweep_data import NEW_DRAFT, draft_data, parts_data, place
from sweeps.models import Sweep
from sweeps.queries.call import called
from sweeps.queries.details import facts
from sweeps.services import drafts, specs
from sweeps.services.model_size import SMALL, checkpoint_bytes
from sweeps.validation.problems import Invalid, Problem
from sweeps.validation.sweep import Parts, build
from sweeps.views.typed_request import person, team_request

PARTS: Final = {"model": "model", "dataset": "dataset_version", "space": "space"}
"""A link to the form may choose parts: `?model=<id>`. `dataset` is a version's id."""

DOES: Final = {
    "optuna": "What Optuna is asked for",
    "ray": "What Ray Tune is given",
    "wandb": "What W&B is given",
}
ANEW: Final = ("update", "objective:", "propose:")
"""What a button may ask for that changes the fields and saves nothing."""


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    team = access.writing_team(team_request(request).membership)
    if request.method == "POST":
        return _take(request, SweepForm(request.POST, team=team), None)
    initial: dict[str, Any] = {**draft_data(NEW_DRAFT), "name": f"Sweep of {timezone.localtime():%-d %B, %H:%M}"}
    initial |= {field: request.GET.get(name, "") for name, field in PARTS.items()}
    if any(runner.facts.get("accelerators") for runner in runners_for(team)):
        # A GPU is what is short; on CPUs alone, one trial at a time repeats its draws exactly.
        initial["children"] = AUTO
    return _show(request, SweepForm(team=team, initial=initial), None, ())


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    sweep = access.get_sweep(request.user, public_id, write=True)
    if sweep.state != "draft":
        messages.warning(request, drafts.STARTED)
        return redirect("sweeps:detail", public_id)
    draft = drafts.read_draft(sweep)
    if request.method == "POST":
        return _take(request, SweepForm(request.POST, team=sweep.team, own_space=draft.space), sweep)
    parts = parts_data(sweep.model, sweep.dataset_version, sweep.space, own_space=draft.space is not None)
    data = {"name": sweep.name, "description": sweep.description, **draft_data(draft), **parts}
    # Bound, so that each problem can stand beside its field.
    form = SweepForm(data, team=sweep.team, own_space=draft.space)
    _, problems = specs.review(sweep=sweep)
    form.refuse(problems)
    return _show(request, form, sweep, problems)


@require_safe
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """What will be called, and what keeps the sweep from starting."""
    sweep = access.get_sweep(request.user, public_id, write=True)
    if sweep.state != "draft":
        return redirect("sweeps:detail", public_id)
    spec, problems = specs.review(sweep=sweep)
    context = {
        "sweep": sweep,
        "errors": _linked(sweep, [problem for problem in problems if not problem.warning]),
        "warnings": _linked(sweep, [problem for problem in problems if problem.warning]),
        "facts": facts(sweep, spec),
        "call": called(spec) if spec else "",
        "lines": described(spec.space, spec.backend)[0] if spec else (),
        "does": DOES[spec.backend.name] if spec else "",
        "bytes": checkpoint_bytes(sweep.model) if sweep.model and spec and spec.keep_best else None,
    }
    return render(request, "sweeps/sweep_review.html", context)


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a draft away."""
    sweep = access.get_sweep(request.user, public_id, write=True)
    try:
        drafts.delete_draft(sweep=sweep)
    except Invalid as refused:
        messages.warning(request, refused.problems[0].message)
        return redirect("sweeps:detail", public_id)
    messages.success(request, f"The draft {sweep.name} is deleted.")
    return redirect("sweeps:list")


def _take(request: HttpRequest, form: SweepForm, sweep: Sweep | None) -> HttpResponse:
    """A form that was sent: `act` is save, review, or one of `SweepForm.anew`."""
    act = request.POST.get("act", "save")
    if act.startswith(ANEW):
        return _show(request, form.anew(act), sweep, ())
    if not form.is_valid():
        return _show(request, form, sweep, ())
    data = form.cleaned_data
    parts = Parts(data["draft"], data["model"], data["dataset_version"], data["space"], form.settings)
    try:
        saved = drafts.save_draft(
            team=form.team,
            user=person(request),
            name=data["name"],
            description=data["description"],
            draft=data["draft"],
            model=data["model"],
            dataset_version=data["dataset_version"],
            space=data["space"],
            sweep=sweep,
        )
    except Invalid as refused:
        form.refuse(refused.problems)
        return _show(request, form, sweep, ())
    if act == "review":
        return redirect("sweeps:review", saved.public_id)
    spec, _ = build(parts)
    if spec:
        messages.success(request, "The draft is saved.")
    else:
        messages.info(request, "The draft is saved. It can't start yet: what is missing is listed below.")
    return redirect("sweeps:edit", saved.public_id)


def _show(request: HttpRequest, form: SweepForm, sweep: Sweep | None, problems: Any) -> HttpResponse:
    model = form.part("model")
    size = checkpoint_bytes(model) if model else None
    context = {
        "form": form,
        "sweep": sweep,
        "model_bytes": size,
        "large": size is not None and size > SMALL,
        "chosen": {name: form.part(name) for name in ("model", "dataset_version", "space")},
        "warnings": [problem for problem in problems if problem.warning],
    }
    # A draft with gaps is no refused request; a form that could not be saved is.
    refused = request.method == "POST" and bool(form.errors)
    return render(request, "sweeps/sweep_form.html", context, status=422 if refused else 200)


def _linked(sweep: Sweep, problems: list[Problem]) -> list[tuple[str, Problem]]:
    """Each problem with the address of its field."""
    draft = draft_data(drafts.read_draft(sweep))
    page = reverse("sweeps:edit", args=[sweep.public_id])
    return [(f"{page}#id_{place(problem.path, draft)}", problem) for problem in problems]
