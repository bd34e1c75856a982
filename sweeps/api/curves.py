"""Learning curves of chosen trials over HTTP."""

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from sweeps.access import get_sweep
from sweeps.api.asked import whole_numbers
from sweeps.queries.chosen_curves import MOST, chosen_curves


class CurvesView(APIView):
    """GET `?trials=1,2&metric=loss` → `{"metric", "curves": {number: {"attempt", "step", "epoch", "t", "value"}}}`.

    Each is thinned to 200 points, its extremes kept. Trials that have no such curve are left out.
    """

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
