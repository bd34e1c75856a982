"""The table as a file."""

import itertools
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from sweeps.access import get_sweep
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.export import KINDS, exported
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.look import read_look
from sweeps.services.streaming import in_threads

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def export(request: "TeamRequest", public_id: str, form: str) -> HttpResponse | StreamingHttpResponse:
    """What the filter finds, in the address' order, with every column. 400 for a filter that is none."""
    sweep = get_sweep(request.user, public_id)
    if form not in KINDS:
        raise Http404
    pieces = exported(sweep, read_look(request.GET), columns_of(sweep), form)
    try:
        first = next(pieces, b"")
    except FilterProblem as problem:
        return HttpResponse(problem.message, status=400, content_type="text/plain; charset=utf-8")
    answer = StreamingHttpResponse(in_threads(itertools.chain([first], pieces)), content_type=KINDS[form])
    answer["Content-Disposition"] = f'attachment; filename="{slugify(sweep.name) or "sweep"}-trials.{form}"'
    return answer
