"""Sweeps, search spaces and models as YAML: to download, and to make of a file or a pasted text."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from sweeps import access
from sweeps.forms.documents import DocumentForm
from sweeps.services.documents.exported import model_yaml, space_yaml, sweep_yaml
from sweeps.services.documents.imported import Imported, import_document
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person, team_request

LISTS = {
    "sweep": ("sweeps:list", "Sweeps"),
    "space": ("library:space-list", "Search spaces"),
    "model": ("library:model-list", "Models"),
}
"""Kind → the list that it stands in."""


@require_safe
def sweep(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.get_sweep(request.user, public_id)
    try:
        return _file(found.name, "sweep", sweep_yaml(found))
    except Invalid as error:
        raise Http404(error.problems[0].message) from None


@require_safe
def space(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.get_space(request.user, public_id)
    return _file(found.name, "space", space_yaml(found))


@require_safe
def model(request: HttpRequest, public_id: str) -> HttpResponse:
    found = access.get_model(request.user, public_id)
    return _file(found.name, "model", model_yaml(found))


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make what a document says. `?kind=`: the list that the person comes from."""
    team = access.writing_team(team_request(request).membership)
    back, title = LISTS.get(request.GET.get("kind", ""), LISTS["sweep"])
    form = DocumentForm(request.POST, request.FILES) if request.method == "POST" else DocumentForm()
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = import_document(
                team=team, user=person(request), document=data["document"], name=data["name"].strip()
            )
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, f"{made.thing} is made.")
            return redirect(_page(made), made.thing.public_id)
    context = {"form": form, "back": back, "title": title}
    return render(request, "library/import.html", context, status=422 if form.errors else 200)


def _page(made: Imported) -> str:
    """Where to go on: a sweep's review says what it lacks, and starts it."""
    return {"sweep": "sweeps:review", "space": "library:space-detail", "model": "library:model-detail"}[made.kind]


def _file(name: str, kind: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(name) or kind}.yaml"'
    return response
