"""What the machine measured while a trial trained, over HTTP."""

from django.http import JsonResponse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from sweeps.access import get_trial
from sweeps.models import Attempt
from sweeps.queries.trial.system import System, system_curves


class SystemView(APIView):
    """GET: use, memory, power and temperature of processor and GPUs while the trial's newest attempt trained."""

    gives = {"GET": System}

    asks = {"attempt": "The attempt's index; left out: the newest."}

    def get(self, request: Request, public_id: str, number: int) -> JsonResponse:
        trial = get_trial(request.user, public_id, number)
        attempts = Attempt.objects.filter(trial=trial).select_related("job__runner", "job__sweep").order_by("-index")
        wanted = request.query_params.get("attempt", "")
        if wanted:
            if not wanted.isdecimal() or len(wanted) > 9:
                raise exceptions.ValidationError({"attempt": ["Give the attempt's index, such as 1."]})
            attempts = attempts.filter(index=int(wanted))
        attempt = attempts.first()
        if attempt is None:
            raise exceptions.NotFound("No such attempt of the trial has begun.")
        answer = JsonResponse(system_curves(attempt), json_dumps_params={"separators": (",", ":")})
        answer["Cache-Control"] = "no-store"
        return answer
