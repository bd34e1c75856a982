"""The log of a sweep or of one trial: a page of lines that is whole without a script, and a file."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from sweeps.access import get_sweep
from sweeps.models import Job, Sweep, Trial
from sweeps.queries.logs.filter import LEVELS, STREAMS, BadFilter, LogFilter
from sweeps.queries.logs.pages import LogPage, page_after, page_around, page_before, whole_log
from sweeps.queries.logs.place import place_at, read_place, spot_of_step
from sweeps.services.streaming import in_threads
from sweeps.services.wanted import is_over

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def logs(request: "TeamRequest", public_id: str, number: int | None = None) -> HttpResponse:
    """Lines, the newest unless the address names a place: `after`, `before`, `around`, or the `step` of a trial."""
    sweep, trial, given = _asked(request, public_id, number)
    problem, marked = "", ""
    wanted = LogFilter(trial=trial.number if trial else None)
    try:
        wanted = LogFilter.read(given)
        page, marked = _page(sweep, trial, wanted, given)
    except BadFilter as error:
        problem = f"{error.field}: {error}"
        page = page_before(sweep, wanted, None)
    here, query = request.path, wanted.parameters()
    if wanted.trial is not None and trial is None:
        query["trial"] = str(wanted.trial)
    runners = Job.objects.filter(sweep=sweep).values_list("public_id", "runner__name")
    context: dict[str, Any] = {
        "sweep": sweep,
        "trial": trial,
        "page": page,
        "marked": marked,
        "problem": problem,
        "wanted": wanted,
        "filtered": bool(query),
        "streams": STREAMS,
        "levels": LEVELS,
        "runners": dict(runners),
        "follows": not page.later and not is_over(sweep),
        "api_url": reverse("api:sweep-logs", args=[public_id]),
        "api_query": urlencode({**query, **({"trial": str(trial.number)} if trial else {})}),
        "query": urlencode(query),
        "earlier_url": f"{here}?{urlencode({**query, 'before': page.first})}" if page.earlier and page.first else "",
        "later_url": f"{here}?{urlencode({**query, 'after': page.last})}" if page.later and page.last else "",
        "newest_url": f"{here}?{urlencode(query)}",
    }
    return render(request, "sweeps/logs.html", context)


@require_safe
def logs_file(request: "TeamRequest", public_id: str, number: int | None = None) -> HttpResponseBase:
    """The same lines, all of them, as text."""
    sweep, _, given = _asked(request, public_id, number)
    try:
        wanted = LogFilter.read(given)
    except BadFilter as error:
        raise Http404(str(error)) from None
    answer = StreamingHttpResponse(in_threads(whole_log(sweep, wanted)), content_type="text/plain; charset=utf-8")
    name = slugify(sweep.name) or "sweep"
    name = name if wanted.trial is None else f"{name}-trial-{wanted.trial}"
    answer["Content-Disposition"] = f'attachment; filename="{name}.log"'
    return answer


def _asked(request: "TeamRequest", public_id: str, number: int | None) -> tuple[Sweep, Trial | None, dict[str, str]]:
    sweep = get_sweep(request.user, public_id)
    given = {str(name): str(value) for name, value in request.GET.items()}
    if number is None:
        return sweep, None, given
    trial = get_object_or_404(Trial.objects.select_related("sweep"), sweep=sweep, number=number)
    return sweep, trial, {**given, "trial": str(number)}


def _page(sweep: Sweep, trial: Trial | None, wanted: LogFilter, given: dict[str, str]) -> tuple[LogPage, str]:
    """The page, and the line that is marked in it. Raises BadFilter."""
    around = given.get("around", "")
    if given.get("step") and trial is not None:
        if not (given["step"].isascii() and given["step"].isdigit() and len(given["step"]) < 12):
            raise BadFilter("step", "A step is a whole number, such as 40.")
        spot = spot_of_step(trial, int(given["step"]))
        around = place_at(spot, trial.number) if spot else ""
    if around:
        return page_around(sweep, wanted, read_place(sweep, around, "around")), around
    if given.get("after"):
        return page_after(sweep, wanted, read_place(sweep, given["after"], "after")), ""
    before = given.get("before")
    return page_before(sweep, wanted, read_place(sweep, before, "before") if before else None), ""
