"""Sweeps for people's programs: what the pages show and do, as JSON."""

from typing import Any

from django.db import transaction
from django.http import JsonResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.access import get_sweep
from sweeps.api.asked import whole_number
from sweeps.api.bodies import Refusals, read
from sweeps.api.drafts import DraftRequest, ShownDraft, change_draft, make_draft, told
from sweeps.api.marks import Tags
from sweeps.api.shared import chosen_fields, pages
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.once import creates
from sweeps.api.shared.requests import person
from sweeps.api.sweep_list import ASKS, SweepPage, SweepSummary, summaries, wanted_sweeps
from sweeps.api.verbs import Delete, delete
from sweeps.models import SweepTag
from sweeps.queries.rows import iso
from sweeps.queries.shapes import Snapshot, SweepState
from sweeps.queries.snapshot import fresh_sweep, snapshot
from sweeps.queries.state import sweep_state
from sweeps.services.clone import clone_sweep
from sweeps.services.sweep_tags import tag_sweep, untag_sweep

CLOCKS = frozenset({"elapsed_s", "remaining_s"})


class ShownSweep(TypedDict):
    """`model`, `data` (a data set version), `space`: ids. `spec`: what was frozen at the start, null before."""

    id: str
    name: str
    description: str
    team: str
    owner: str | None
    tags: list[str]
    model: str | None
    data: str | None
    space: str | None
    created_at: str | None
    sweep: SweepState
    spec: dict[str, Any] | None
    draft: dict[str, Any]


class SweepsView(TaggedView):
    """GET: the sweeps of the user's teams that the filters find, the newest first.

    POST: make a draft, however incomplete; with `start` a sweep that begins at once, or nothing where it can't.
    """

    takes = {"POST": DraftRequest}
    gives = {"GET": SweepPage, "POST": ShownDraft}
    asks = {"GET": ASKS}

    def get(self, request: Request) -> Response:
        found, more = pages.page(request, wanted_sweeps(request))
        return Response({"sweeps": chosen_fields.choose(request, summaries(found), SweepSummary), "next": more})

    @creates
    def post(self, request: Request) -> Response:
        return make_draft(request)


class SweepView(TaggedView):
    """GET: the sweep's state, its frozen spec and its draft. PUT: write the draft anew. DELETE: take the sweep away with all its trials."""

    takes = {"PUT": DraftRequest, "DELETE": Delete}
    gives = {"GET": ShownSweep, "PUT": ShownDraft}
    asks = {"GET": chosen_fields.ASKS}
    clocks = CLOCKS

    def get(self, request: Request, public_id: str) -> Response:
        sweep = fresh_sweep(get_sweep(request.user, public_id).pk)
        shown = ShownSweep(
            id=sweep.public_id,
            name=sweep.name,
            description=sweep.description,
            team=sweep.team.public_id,
            owner=sweep.created_by.email if sweep.created_by else None,
            tags=_tags(sweep.pk),
            model=sweep.model.public_id if sweep.model else None,
            data=sweep.dataset_version.public_id if sweep.dataset_version else None,
            space=sweep.space.public_id if sweep.space else None,
            created_at=iso(sweep.created_at),
            sweep=sweep_state(sweep),
            spec=sweep.spec,
            draft=sweep.draft,
        )
        return Response(chosen_fields.choose_one(request, shown, ShownSweep))

    def put(self, request: Request, public_id: str) -> Response:
        return change_draft(request, public_id)

    def delete(self, request: Request, public_id: str) -> Response:
        return delete(request, public_id)


class SweepTags(Message):
    """All tags that the sweep is to have."""

    tags: Tags


class ShownTags(TypedDict):
    tags: list[str]


class SweepTagsView(APIView):
    """PUT: the sweep's tags, these and no others."""

    takes = {"PUT": SweepTags}
    gives = {"PUT": ShownTags}

    def put(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, make=True)
        asked = read(request, SweepTags)
        with Refusals(), transaction.atomic():
            for name in set(_tags(sweep.pk)) - set(asked.tags):
                untag_sweep(sweep=sweep, name=name, user=person(request))
            for name in asked.tags:
                tag_sweep(sweep=sweep, name=name, user=person(request))
        return Response({"tags": _tags(sweep.pk)})


class CloneView(APIView):
    """POST: a draft with everything of the sweep, named "… (copy)"."""

    gives = {"POST": ShownDraft}

    @creates
    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, make=True)
        with Refusals():
            copy = clone_sweep(sweep=sweep, user=person(request))
        return Response(told(copy), status=201)


class SnapshotView(APIView):
    """GET: what the live page shows, at one position: trials that run or wait, the best, the newest, and their curves."""

    asks = {"trial": "A trial's number: only its row and its curves."}
    gives = {"GET": Snapshot}

    def get(self, request: Request, public_id: str) -> JsonResponse:
        only = whole_number(request, "trial")
        found = snapshot(get_sweep(request.user, public_id), only)
        answer = JsonResponse(found, json_dumps_params={"separators": (",", ":")})
        answer["Cache-Control"] = "no-store"
        return answer


def _tags(sweep_pk: int) -> list[str]:
    return list(SweepTag.objects.filter(sweep=sweep_pk).order_by("name").values_list("name", flat=True))
