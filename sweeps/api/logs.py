"""The log as JSON."""

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from sweeps.access import get_sweep
from sweeps.queries.logs.filter import BadFilter, LogFilter
from sweeps.queries.logs.pages import page_after, page_before
from sweeps.queries.logs.place import read_place


class LogRow(TypedDict):
    """`at`: its place. `t`: seconds since the job was claimed. `number`: the trial's, where it is known."""

    at: str
    job: str
    t: float
    time: str | None
    number: int | None
    stream: str
    level: str
    text: str


class LogPage(TypedDict):
    """`first`, `last`: places, for `before` and `after`."""

    lines: list[LogRow]
    first: str
    last: str
    more: bool


class LogsView(APIView):
    """GET: lines of the sweep's log, oldest first, at most some hundred an answer.

    `trial`, `stream`, `level` (this or worse) and `q` (words, in any case) choose among them. `after=<last>` goes on
    behind the place that an answer named, `before=<first>` before it; without both, the log's first lines.
    `more` says that there is more in that direction: also when no line was found in what was looked through.
    """

    gives = {"GET": LogPage}
    asks = {
        "trial": "Its number.",
        "stream": "stdout, stderr or runner.",
        "level": "This or worse.",
        "q": "Words.",
        "after": "Go on behind this place.",
        "before": "Go back from this place.",
    }

    def get(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id)
        given = {str(name): str(value) for name, value in request.query_params.items()}
        try:
            wanted = LogFilter.read(given)
            after, before = given.get("after"), given.get("before")
            if after and before:
                raise BadFilter("before", "Give after or before, not both.")
            if before:
                page = page_before(sweep, wanted, read_place(sweep, before, "before"))
            else:
                page = page_after(sweep, wanted, read_place(sweep, after, "after") if after else None)
        except BadFilter as error:
            raise exceptions.ValidationError({error.field: [str(error)]}) from None
        more = page.earlier if before else page.later
        answer = {"lines": page.rows, "first": page.first, "last": page.last or (after or ""), "more": more}
        return Response(answer, headers={"Cache-Control": "no-store"})
