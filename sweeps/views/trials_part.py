"""The table of trials of a sweep's page: what its templates need, and the table alone for a page that is there already."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sweeps.access import get_sweep, may_change, may_write_in
from sweeps.models import ChosenColumns, SavedView, Sweep
from sweeps.queries.pareto import pareto_numbers
from sweeps.queries.snapshot import fresh_sweep
from sweeps.queries.table.cells import cell
from sweeps.queries.table.columns import Column, Columns, columns_of
from sweeps.queries.table.export import FORMATS
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.look import Look, read_look, written
from sweeps.queries.table.rows import PER_PAGE, Row, Table, matching, table
from sweeps.views.typed_request import person
from teams.models import User

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@dataclass(frozen=True)
class Head:
    """A column's head. `sort`: "ascending", "descending" or "". `query`: the address that sorts by it, or turns it."""

    column: Column
    sort: str
    query: str
    pinned: bool


@dataclass(frozen=True)
class Line:
    """A row with what its columns hold, in their order."""

    row: Row
    cells: list[tuple[Column, Any]]


@require_safe
def part(request: "TeamRequest", public_id: str) -> HttpResponse:
    """The table alone, as the address' query wants it."""
    sweep = fresh_sweep(get_sweep(request.user, public_id).pk)
    best = [sweep.best_trial.number] if sweep.best_trial else []
    context = {
        "sweep": sweep,
        "best_numbers": pareto_numbers(sweep) or best,
        "can_edit": may_change(request.user, sweep),
        "can_make": may_write_in(request.user, sweep.team),
        **table_context(request, sweep),
    }
    answer = render(request, "sweeps/trials/answer.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
def numbers(request: "TeamRequest", public_id: str) -> HttpResponse:
    """`{"numbers": […]}`: of all trials that the filter finds, on whichever page they stand."""
    sweep = get_sweep(request.user, public_id)
    try:
        found = matching(sweep, read_look(request.GET).q, columns_of(sweep)).values_list("number", flat=True)
        return JsonResponse({"numbers": list(found)})
    except FilterProblem as problem:
        return JsonResponse({"message": problem.message, "at": problem.at, "end": problem.end}, status=400)


def table_context(request: "TeamRequest", sweep: Sweep) -> dict[str, Any]:
    """What templates/sweeps/trials need, beside the sweep itself."""
    user = person(request)
    found = table(sweep, read_look(request.GET, chosen_look(user, sweep)))
    return {**words_of(found), "saved_views": _views(user, sweep, found.look)}


def words_of(found: Table) -> dict[str, Any]:
    """What the templates need of a table that was read."""
    look, first = found.look, (found.look.page - 1) * PER_PAGE
    return {
        "table": found,
        "heads": _heads(found),
        "lines": [Line(row, [(column, cell(column, row)) for column in found.shown]) for row in found.rows],
        "look_query": look.query(),
        "set_query": look.query(page=1),
        "columns_written": written(look.columns),
        "formats": FORMATS,
        "first_place": first + 1,
        "last_place": first + len(found.rows),
        "pages": _pages(found),
        "marked": _marked(found),
        "offered": _offered(found),
        "completions": _completions(found.columns),
    }


def chosen_look(user: User, sweep: Sweep) -> Look | None:
    """The columns that the person has chosen for this sweep before."""
    chosen = ChosenColumns.objects.filter(user=user, sweep=sweep).first()
    return Look(columns=tuple(chosen.columns), pin=chosen.pin) if chosen else None


def back_to(sweep: Sweep, query: str) -> str:
    """The sweep's page with the look that a query names, at its table."""
    asked = read_look(QueryDict(query[:10_000]).dict()).query()
    return f"{reverse('sweeps:detail', args=[sweep.public_id])}{'?' if asked else ''}{asked}#trials-title"


def _heads(found: Table) -> list[Head]:
    by, descending = found.sort
    heads = []
    for place, column in enumerate(found.shown):
        sort = ("descending" if descending else "ascending") if column.id == by.id else ""
        turned = f"-{column.id}" if sort == "ascending" else column.id
        query = found.look.query(sort=turned, page=1) if column.sortable else ""
        heads.append(Head(column, sort, query, place < found.look.pin))
    return heads


def _pages(found: Table) -> dict[str, str | None]:
    """The queries of the first, previous, next and last page, None where there is none."""
    now, last, look = found.look.page, found.pages, found.look
    return {
        "first": look.query(page=1) if now > 1 else None,
        "previous": look.query(page=now - 1) if now > 1 else None,
        "next": look.query(page=now + 1) if now < last else None,
        "last": look.query(page=last) if now < last else None,
    }


def _marked(found: Table) -> tuple[str, str, str] | None:
    """The filter in three pieces, the middle one is what is wrong."""
    problem, q = found.problem, found.look.q
    return (q[: problem.at], q[problem.at : problem.end] or " ", q[problem.end :]) if problem else None


def _offered(found: Table) -> list[tuple[Column, bool]]:
    """All columns to choose from, those that are shown first and in their order."""
    shown = [(column, True) for column in found.shown]
    rest = [(column, False) for column in found.columns if column not in found.shown]
    return [*shown, *rest]


def _completions(columns: Columns) -> dict[str, list[str]]:
    """Column's name in a filter → the words that it can be."""
    named = {column.names[0]: list(column.choices) for column in columns if column.names}
    return {name if name.replace(".", "_").isidentifier() else f"`{name}`": words for name, words in named.items()}


def _views(user: User, sweep: Sweep, look: Look) -> list[tuple[SavedView, str, bool]]:
    """The views that the person sees: each with its address' query, and whether it is what is looked at now."""
    views = SavedView.objects.filter(team=sweep.team).select_related("user")
    seen = [view for view in views if view.shared or view.user_id == user.pk]
    queries = [Look(view.q, view.sort or Look.sort, tuple(view.columns), view.pin).query() for view in seen]
    now = look.query(page=1)
    return [(view, query, query == now) for view, query in zip(seen, queries, strict=True)]
