"""Learning curves of chosen trials over HTTP."""

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView
from typing_extensions import TypedDict

from sweeps.access import get_sweep
from sweeps.api.asked import whole_numbers
from sweeps.queries.chosen_curves import MOST, chosen_curves
from sweeps.queries.shapes import Curve


class AttemptCurve(Curve):
    """Of the trial's newest attempt that began, `attempt`."""

    attempt: int


class ChosenCurves(TypedDict):
    """`curves`: by the trial's number."""

    metric: str
    curves: dict[str, AttemptCurve]


class CurvesView(APIView):
    """GET: one metric's curves of the sweep's trials, as `?trials=1,2&metric=loss`.

    Each is thinned to 200 points, its extremes kept. Trials that have no such curve are left out.
    """

    gives = {"GET": ChosenCurves}
    asks = {
        "trials": f"Numbers of at most {MOST} trials, with commas; left out: those that the live page draws.",
        "metric": "The metric's name.",
    }

    def get(self, request: Request, public_id: str) -> JsonResponse:
        sweep = get_sweep(request.user, public_id)
        metric = request.query_params.get("metric", "")
        if not metric or "\0" in metric:
            raise exceptions.ValidationError({"metric": ["Name the metric, such as eval_loss."]})
        found = chosen_curves(sweep, whole_numbers(request, "trials", MOST), metric)
        answer = JsonResponse({"metric": metric, "curves": found}, json_dumps_params={"separators": (",", ":")})
        answer["Cache-Control"] = "no-store"
        return answer
