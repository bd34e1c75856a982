"""What a trial logged, point by point."""

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from sweeps.access import get_trial
from sweeps.api.asked import whole_number
from sweeps.api.shared.etags import TaggedView
from sweeps.models import Attempt, MetricChunk
from sweeps.queries.shapes import Figure


class AttemptMetrics(TypedDict):
    """Lists of one length, in the order in which they were logged; null where a metric was not logged at a step.

    `t`: s on the job's clock. `attempts`: all that the trial has.
    """

    number: int
    attempt: int
    attempts: list[int]
    step: list[int]
    epoch: list[Figure | None]
    t: list[float]
    values: dict[str, list[Figure | None]]


class MetricsView(TaggedView):
    """GET: every point that the trial's newest attempt, or the one that is named, has logged. Nothing is thinned."""

    asks = {"attempt": "The attempt's index; the newest where it is left out."}
    gives = {"GET": AttemptMetrics}

    def get(self, request: Request, public_id: str, number: int) -> Response:
        trial = get_trial(request.user, public_id, number)
        attempts = {each.index: each for each in Attempt.objects.filter(trial=trial).order_by("index")}
        wanted = whole_number(request, "attempt")
        index = max(attempts, default=0) if wanted is None else wanted
        if index not in attempts and (wanted is not None or attempts):
            raise exceptions.NotFound("The trial has no such attempt.")
        shown = AttemptMetrics(
            number=trial.number, attempt=index, attempts=list(attempts), step=[], epoch=[], t=[], values={}
        )
        if index in attempts:
            _add(shown, attempts[index])
        return Response(shown)


def _add(shown: AttemptMetrics, attempt: Attempt) -> None:
    chunks = list(MetricChunk.objects.filter(attempt=attempt).order_by("first_seq"))
    names = {name for chunk in chunks for name in chunk.data["values"]}
    shown["values"] = {name: [] for name in sorted(names)}
    for chunk in chunks:
        for name in ("step", "epoch", "t"):
            shown[name] += chunk.data[name]
        for name, column in shown["values"].items():
            column.extend(chunk.data["values"].get(name) or [None] * chunk.rows)
