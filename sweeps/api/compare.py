"""Trials of any sweeps side by side over HTTP: their columns, and their curves of a metric."""

from typing import Final

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView
from typing_extensions import TypedDict

from sweeps.access import reachable_sweeps, reachable_trials
from sweeps.queries.compare.address import MOST, read_asked
from sweeps.queries.compare.frame import ComparedFrame, compared_curves, compared_frame
from sweeps.queries.compare.sweeps import MOST as MOST_SWEEPS
from sweeps.queries.compare.sweeps import compared_sweeps, lines
from sweeps.queries.compare.trials import Compared, compared
from sweeps.queries.shapes import Curve

TRIALS: Final = f"At most {MOST} trials as <sweep>:<number>, with commas; the first is the base."
SWEEPS: Final = f"At most {MOST_SWEEPS} sweeps' ids, with commas."


class CompareView(APIView):
    """GET: trials of any sweeps as columns, in the order in which they are named, as `?trials=aB3x:0,xY7z:4`."""

    asks = {"trials": TRIALS}
    gives = {"GET": ComparedFrame}

    def get(self, request: Request) -> JsonResponse:
        return _answer(compared_frame(_sides(request)))


class ComparedCurves(TypedDict):
    """`curves`: by place among the trials, from 0."""

    metric: str
    curves: dict[str, Curve]


class CompareCurvesView(APIView):
    """GET: one metric's curves of trials of any sweeps, as `?trials=aB3x:0,xY7z:4&metric=loss`.

    Each is thinned to 200 points, its extremes kept. Trials that have no such curve are left out.
    """

    asks = {"trials": TRIALS, "metric": "The metric's name."}
    gives = {"GET": ComparedCurves}

    def get(self, request: Request) -> JsonResponse:
        metric = request.query_params.get("metric", "")
        if not metric or "\0" in metric:
            raise exceptions.ValidationError({"metric": ["Name the metric, such as eval_loss."]})
        return _answer({"metric": metric, "curves": compared_curves(_sides(request), metric)})


class SweepLine(TypedDict):
    """`best`: after so many finished `trials`, after so many device-`hours`; only where it changes, and the end.

    `counts`: finished trials by state.
    """

    sweep: str
    name: str
    trials: list[int]
    hours: list[float]
    best: list[float]
    best_trial: int | None
    counts: dict[str, int]
    device_hours: float


class SweepLines(TypedDict):
    metric: str
    direction: str
    sweeps: list[SweepLine]


class CompareSweepsView(APIView):
    """GET: how the best value of whole sweeps grew, as `?sweeps=aB3x,xY7z`.

    Sweeps whose objective is not the first one's are left out.
    """

    asks = {"sweeps": SWEEPS}
    gives = {"GET": SweepLines}

    def get(self, request: Request) -> JsonResponse:
        asked = [one for one in request.query_params.get("sweeps", "").split(",") if one]
        if not asked or len(asked) > MOST_SWEEPS:
            raise exceptions.ValidationError({"sweeps": [SWEEPS]})
        found = reachable_sweeps(request.user, asked)
        missing = [one[:100] for one in asked if one not in {sweep.public_id for sweep in found}]
        if missing:
            raise exceptions.NotFound(f"There is no such sweep for you: {', '.join(missing)}.")
        return _answer(lines(compared_sweeps([sweep for sweep in found if sweep.spec])))


def _sides(request: Request) -> list[Compared]:
    asked = read_asked(request.query_params.dict())
    if asked.odd or asked.more or not asked.refs:
        raise exceptions.ValidationError({"trials": [TRIALS]})
    found = reachable_trials(request.user, asked.refs)
    missing = [str(ref) for ref in asked.refs if ref not in found]
    if missing:
        raise exceptions.NotFound(f"There is no such trial for you: {', '.join(missing[:20])}.")
    return compared(list(found.values()))


def _answer(found: object) -> JsonResponse:
    answer = JsonResponse(found, json_dumps_params={"separators": (",", ":")})
    answer["Cache-Control"] = "no-store"
    return answer
