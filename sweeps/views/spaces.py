"""Search spaces of the library."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from runners.optimizers.preview import preview
from runners.protocol.catalogue import catalogue
from runners.protocol.space import SearchSpace as Space
from sweeps import access
from sweeps.forms.space import SpacePage
from sweeps.forms.space_derived import FormulaForm
from sweeps.forms.space_rows import RowForm
from sweeps.models import SearchSpace
from sweeps.queries import library as queries
from sweeps.services import library as services
from sweeps.validation.problems import Invalid
from sweeps.views.typed_request import person, team_request

PAGE = 50
DRAWS = 5


@require_safe
def space_list(request: HttpRequest) -> HttpResponse:
    team = access.reading_team(team_request(request).membership)
    page = Paginator(queries.spaces_of(team), PAGE).get_page(request.GET.get("page"))
    rows = [(space, queries.space_words(space.space)) for space in page]
    can_edit = access.may_write(team_request(request).membership)
    context = {"page_obj": page, "rows": rows, "can_edit": can_edit, "presets": catalogue().presets}
    return render(request, "library/space_list.html", context)


@require_safe
def space_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.get_space(request.user, public_id)
    space = Space.model_validate(row.space)
    context = {
        "space": row,
        "parameters": space.parameters,
        "derived": space.derived,
        "preview": _preview(space),
        "sweeps": queries.sweeps_with(space=row),
        "can_edit": access.may_change(request.user, row),
        "can_make": access.may_write_in(request.user, row.team),
    }
    return render(request, "library/space_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def space_create(request: HttpRequest) -> HttpResponse:
    team = access.writing_team(team_request(request).membership)
    if request.method == "POST":
        return _edit(request, SpacePage.typed(request.POST, team=team), None)
    preset = next((entry for entry in catalogue().presets if entry.name == request.GET.get("preset")), None)
    initial = {"name": preset.label, "description": preset.help} if preset else {"task": request.GET.get("task", "")}
    return _edit(request, SpacePage.of(preset.space if preset else Space(), initial, team=team), None)


@require_http_methods(["GET", "HEAD", "POST"])
def space_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.get_space(request.user, public_id, write=True)
    if request.method == "POST":
        return _edit(request, SpacePage.typed(request.POST, team=row.team, own=row), row)
    initial = {"name": row.name, "description": row.description, "task": row.task}
    return _edit(request, SpacePage.of(Space.model_validate(row.space), initial, team=row.team, own=row), row)


@require_POST
def space_copy(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.get_space(request.user, public_id, make=True)
    copy = services.copy_space(space=row, user=person(request))
    messages.success(request, f"{copy.name} is made.")
    return redirect("library:space-edit", copy.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def space_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    row = access.get_space(request.user, public_id, write=True)
    if request.method == "POST":
        services.delete_part(part=row)
        messages.success(request, f"{row.name} is deleted.")
        return redirect("library:space-list")
    context = {"part": row, "what": "search space", "drafts": services.draft_users(row), "back": "library:space-detail"}
    return render(request, "library/model_delete.html", context)


@require_POST
def space_check(request: HttpRequest) -> JsonResponse:
    """What is wrong with the rows as typed, and what their names mean.

    `{"errors": {control: [sentences]}, "warnings": the same, "about": [a line a row], "note", "preview": HTML or empty}`.
    """
    team = access.reading_team(team_request(request).membership)
    page = SpacePage.typed(request.POST, team=team)
    space = page.judge()
    forms: list[RowForm | FormulaForm] = [*page.rows, *page.formulas]
    errors = {f"{form.prefix}-{column}": list(said) for form in forms for column, said in form.errors.items()}
    warnings = {f"{form.prefix}-{column}": said for form in forms for column, said in form.warnings.items()}
    drawn = render_to_string("library/space_preview.html", {"preview": _preview(space)}, request) if space else ""
    about = [row.about for row in page.rows]
    return JsonResponse({"errors": errors, "warnings": warnings, "about": about, "note": page.note, "preview": drawn})


def _edit(request: HttpRequest, page: SpacePage, row: SearchSpace | None) -> HttpResponse:
    """Show the form, act on its rows, or save it."""
    act = request.POST.get("act", "save")
    if request.method == "POST":
        if act == "check":
            page.judge()
        elif act != "save":
            page = page.act(act, request.POST.get("new_name", "")[:100])
        else:
            saved = _save(request, page, row)
            if saved:
                messages.success(request, f"{saved.name} is saved.")
                return redirect("library:space-detail", saved.public_id)
    refused = page.refused or (act == "save" and bool(page.form.errors))
    context = {
        "page": page,
        "form": page.form,
        "space": row,
        "preview": _preview(page.space) if page.space else None,
        "presets": () if row else catalogue().presets,
    }
    return render(request, "library/space_form.html", context, status=422 if refused else 200)


def _save(request: HttpRequest, page: SpacePage, row: SearchSpace | None) -> SearchSpace | None:
    space = page.judge()
    if not page.form.is_valid() or space is None:
        return None
    data = page.form.cleaned_data
    try:
        return services.save_space(
            team=page.form.team,
            user=person(request),
            name=data["name"],
            description=data["description"],
            task=data["task"],
            parameters=space,
            space=row,
        )
    except Invalid as refused:
        page.form.add_error(None, "; ".join(problem.message for problem in refused.errors()))
        return None


def _preview(space: Space) -> dict[str, object]:
    """A few draws with what follows from them, and how many combinations there are (None: not finite).

    A draw's cells are values, or None where the row does not act.
    """
    names = [row.name for row in (*space.parameters, *space.derived)]
    found = preview(space, DRAWS, seed=0)
    draws = [[{"value": one.values[name]} if name in one.values else None for name in names] for one in found]
    problems = [f"Draw {number}: {one.problem}" for number, one in enumerate(found, 1) if one.problem]
    return {
        "names": names,
        "derived": {row.name for row in space.derived},
        "draws": draws,
        "problems": problems,
        "combinations": space.combinations(),
    }
