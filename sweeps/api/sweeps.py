"""Sweeps for people's programs: what the pages show and do, as JSON. Session login, CSRF token for what changes things."""

from typing import Any, cast

from django.http import JsonResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sweeps.access import get_sweep
from sweeps.api.asked import whole_number
from sweeps.api.drafts import DraftRequest, change_draft, make_draft
from sweeps.api.verbs import delete
from sweeps.models import Sweep
from sweeps.queries.listing import listed_sweeps
from sweeps.queries.rows import iso
from sweeps.queries.snapshot import fresh_sweep, snapshot
from sweeps.queries.state import sweep_state
from teams.models import User
from teams.reach import teams_of

PAGE = 100


class SweepsView(APIView):
    """GET: the newest sweeps of the user's teams, at most 100 a page; `?after=<id>` goes on behind that sweep.

    `?archived=1`: those in the archive instead.

    POST: make a draft (see `drafts.DraftRequest`).
    """

    takes = {"POST": DraftRequest}
    asks = {"after": "The last sweep of the page before.", "archived": "1: those in the archive instead."}

    def get(self, request: Request) -> Response:
        sweeps = listed_sweeps(*teams_of(request.user), archived=request.query_params.get("archived") == "1")
        after = request.query_params.get("after")
        if after:
            last = get_sweep(request.user, after)
            sweeps = sweeps.filter(pk__lt=last.pk)
        found = list(sweeps.order_by("-pk")[: PAGE + 1])
        more = found[PAGE - 1].public_id if len(found) > PAGE else None
        return Response({"sweeps": [_summary(sweep) for sweep in found[:PAGE]], "next": more})

    def post(self, request: Request) -> Response:
        return make_draft(request)


class SweepView(APIView):
    """GET: the sweep's state, its frozen spec and its draft. PUT: write the draft anew. DELETE: see `verbs.delete`."""

    takes = {"PUT": DraftRequest}

    def get(self, request: Request, public_id: str) -> Response:
        sweep = fresh_sweep(get_sweep(request.user, public_id).pk)
        return Response(
            {
                "name": sweep.name,
                "description": sweep.description,
                "team": sweep.team.public_id,
                "sweep": sweep_state(sweep),
                "spec": sweep.spec,
                "draft": sweep.draft,
            }
        )

    def put(self, request: Request, public_id: str) -> Response:
        return change_draft(request, public_id)

    def delete(self, request: Request, public_id: str) -> Response:
        return delete(request, public_id)


class SnapshotView(APIView):
    """GET: what the live page shows, at one position: trials that run or wait, the best, the newest, and their curves."""

    asks = {"trial": "A trial's number: only its row and its curves."}

    def get(self, request: Request, public_id: str) -> JsonResponse:
        only = whole_number(request, "trial")
        found = snapshot(get_sweep(request.user, public_id), only)
        answer = JsonResponse(found, json_dumps_params={"separators": (",", ":")})
        answer["Cache-Control"] = "no-store"
        return answer


def _summary(sweep: Sweep) -> dict[str, Any]:
    best = sweep.best_trial
    return {
        "id": sweep.public_id,
        "name": sweep.name,
        "state": sweep.state,
        "counted": sweep.counted_trials,  # type: ignore[attr-defined]  # annotated by the query
        "n_trials": sweep.n_trials,
        "best": {"number": best.number, "value": best.values[0]} if best else None,
        "created_at": iso(sweep.created_at),
    }
