"""Confirming the best trials with further seeds, over HTTP."""

from dataclasses import asdict
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.access import get_sweep
from sweeps.api.bodies import Refusals, read
from sweeps.api.shared.once import creates
from sweeps.api.verbs import SweepNow
from sweeps.queries.confirmation import Confirmation, confirmations
from sweeps.queries.snapshot import fresh_sweep
from sweeps.queries.state import sweep_state
from sweeps.services.confirm import confirm_sweep
from teams.models import User


class Confirm(Message):
    """`best`: how many of the best parameter sets, 1 to 20. `seeds`: how many seeds for each, 2 to 50."""

    best: int = 3
    seeds: int = 5


class ConfirmedSet(TypedDict):
    """`n`: how many values. `trial`: the one that was repeated. `low`, `high`: Student's interval of the mean. `before`: the value it had."""

    trial: int | None
    params: dict[str, Any]
    values: list[float]
    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    planned: int
    failed: int
    before: float | None


class ShownConfirmation(TypedDict):
    """`over`: nothing is to come. `says`: whether first and second can be told apart, in words."""

    sweep: str
    metric: str
    direction: str
    over: bool
    says: str
    sets: list[ConfirmedSet]


class Confirmations(TypedDict):
    confirmations: list[ShownConfirmation]


class ConfirmView(APIView):
    """POST: a new sweep repeats the best parameter sets with further seeds; the answer is its state.

    GET: what such sweeps have found, the newest first.
    """

    takes = {"POST": Confirm}
    gives = {"GET": Confirmations, "POST": SweepNow}

    def get(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id)
        return Response({"confirmations": [_told(found) for found in confirmations(sweep)]})

    @creates
    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, make=True)
        asked = read(request, Confirm)
        with Refusals():
            child = confirm_sweep(sweep=sweep, user=cast("User", request.user), best=asked.best, seeds=asked.seeds)
        return Response({"sweep": sweep_state(fresh_sweep(child.pk))}, status=201)


def _told(found: Confirmation) -> dict[str, Any]:
    return {
        "sweep": found.sweep.public_id,
        "metric": found.metric,
        "direction": found.direction,
        "over": found.over,
        "says": found.says,
        "sets": [
            {
                "trial": one.trial.number if one.trial else None,
                "params": one.params,
                "values": one.values,
                **asdict(one.estimate),
                "planned": one.planned,
                "failed": one.failed,
                "before": one.before,
            }
            for one in found.sets
        ],
    }
