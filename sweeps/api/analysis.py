"""What the charts of a sweep's page ask for beside the trials."""

from django.http import JsonResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from sweeps.access import get_sweep
from sweeps.queries.analysis.attempts import Attempts, attempts
from sweeps.queries.analysis.shown import Shown, shown
from sweeps.services.analysis import ask


class AnalysisView(APIView):
    """GET: parameter importances and hypervolume, as far as they are computed.

    Where they rest on fewer trials than have ended, newer ones are computed and `pending` is true: ask again in a while.
    """

    gives = {"GET": Shown}

    def get(self, request: Request, public_id: str) -> JsonResponse:
        sweep = get_sweep(request.user, public_id)
        ask(sweep)
        return _answer(shown(sweep))


class AttemptsView(APIView):
    """GET: when which runner tried which trial, as columns."""

    gives = {"GET": Attempts}

    def get(self, request: Request, public_id: str) -> JsonResponse:
        return _answer(attempts(get_sweep(request.user, public_id)))


def _answer(found: object) -> JsonResponse:
    answer = JsonResponse(found, json_dumps_params={"separators": (",", ":")})
    answer["Cache-Control"] = "no-store"
    return answer
