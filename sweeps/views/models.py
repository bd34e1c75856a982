"""Models of the library."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sweeps import access
from sweeps.forms.model import ModelForm, model_initial, preset_initial
from sweeps.models import Model
from sweeps.queries import library as queries
from sweeps.services import library as services
from sweeps.services.model_presets import MODEL_PRESETS, known_presets
from sweeps.services.model_size import checkpoint_bytes
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person, team_request

PAGE = 50


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    team = access.reading_team(team_request(request).membership)
    page = Paginator(queries.models_of(team), PAGE).get_page(request.GET.get("page"))
    rows = [(model, queries.source_words(model.source), queries.processor_words(model.processor)) for model in page]
    context = {"page_obj": page, "rows": rows, "can_edit": access.may_write(team_request(request).membership)}
    return render(request, "library/model_list.html", context)


@require_safe
def model_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    model = access.get_model(request.user, public_id)
    context = {
        "model": model,
        "source": queries.source_words(model.source),
        "processor_name": queries.processor_name(model.task),
        "processor": queries.processor_words(model.processor),
        "fields": sorted(model.source.get("fields", {}).items()),
        "bytes": checkpoint_bytes(model),
        "sweeps": queries.sweeps_with(model=model),
        "can_edit": access.may_change(request.user, model),
        "can_make": access.may_write_in(request.user, model.team),
    }
    return render(request, "library/model_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def model_create(request: HttpRequest) -> HttpResponse:
    team = access.writing_team(team_request(request).membership)
    preset = MODEL_PRESETS.get(request.GET.get("preset", ""))
    initial = preset_initial(preset) if preset else {"task": request.GET.get("task", "")}
    form = ModelForm(request.POST if request.method == "POST" else None, team=team, initial=initial)
    return _edit(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
def model_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    model = access.get_model(request.user, public_id, write=True)
    data = request.POST if request.method == "POST" else None
    form = ModelForm(data, team=model.team, own=model, initial=model_initial(model))
    return _edit(request, form, model)


@require_http_methods(["GET", "HEAD", "POST"])
def model_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    model = access.get_model(request.user, public_id, write=True)
    if request.method == "POST":
        services.delete_part(part=model)
        messages.success(request, f"{model.name} is deleted.")
        return redirect("library:model-list")
    context = {"part": model, "what": "model", "drafts": services.draft_users(model), "back": "library:model-detail"}
    return render(request, "library/model_delete.html", context)


def _edit(request: HttpRequest, form: ModelForm, model: Model | None) -> HttpResponse:
    """Show the form, or save it. `act=update`: a choice was made that changes which fields there are."""
    if request.POST.get("act") == "update":
        form = form.anew()
    elif form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            saved = services.save_model(
                team=form.team,
                user=person(request),
                name=data["name"],
                description=data["description"],
                task=data["task"],
                source=data["source"],
                processor=data["processor"],
                model=model,
            )
        except Invalid as refused:
            form.refuse(refused.problems)
        else:
            messages.success(request, f"{saved.name} is saved.")
            return redirect("library:model-detail", saved.public_id)
    context = {"form": form, "model": model, "presets": () if model else known_presets()}
    return render(request, "library/model_form.html", context, status=422 if form.errors else 200)
