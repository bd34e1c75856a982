"""Search spaces for programs."""

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from runners.protocol.base import Message
from runners.protocol.space import SearchSpace as Space
from sweeps.access import get_space
from sweeps.api.bodies import Refusals, read
from sweeps.api.library.lists import ASKS, wanted
from sweeps.api.library.models import Words
from sweeps.api.library.shown import ShownSpace, SpacePage, shown_space
from sweeps.api.shared import chosen_fields, pages
from sweeps.api.shared.etags import TaggedView, held, version_tag
from sweeps.api.shared.once import creates
from sweeps.api.shared.requests import person, team_to_write
from sweeps.models import SearchSpace
from sweeps.services.library import copy_space, delete_part, save_space
from sweeps.validation.sweep import TAGS


class NewSpace(Message):
    """An empty `task` is any task."""

    name: str
    space: Space
    task: str = ""
    description: Words = ""


class SpacePatch(Message):
    """What is to be otherwise."""

    name: str | None = None
    space: Space | None = None
    task: str | None = None
    description: Words | None = None


class SpacesView(TaggedView):
    """GET: the search spaces of the team's library, the newest first. POST: make one."""

    takes = {"POST": NewSpace}
    gives = {"GET": SpacePage, "POST": ShownSpace}
    asks = {"GET": ASKS}

    def get(self, request: Request) -> Response:
        found, more = pages.page(request, wanted(request, SearchSpace.objects.all()))
        rows = chosen_fields.choose(request, map(shown_space, found), ShownSpace)
        return Response({"spaces": rows, "next": more})

    @creates
    def post(self, request: Request) -> Response:
        team = team_to_write(request)
        asked = read(request, NewSpace, TAGS)
        with Refusals("space"):
            space = save_space(
                team=team,
                user=person(request),
                name=asked.name,
                parameters=asked.space,
                task=asked.task,
                description=asked.description,
            )
        return _told(space, 201)


class SpaceView(TaggedView):
    """GET: the search space. PATCH: change it; sweeps that have started keep what they were frozen with. DELETE: take it away.

    With `If-Match` a change or deletion is refused (412) where somebody else has changed the space since.
    """

    takes = {"PATCH": SpacePatch}
    gives = {"GET": ShownSpace, "PATCH": ShownSpace}
    asks = {"GET": chosen_fields.ASKS}
    matches = True

    def get(self, request: Request, public_id: str) -> Response:
        space = get_space(request.user, public_id)
        row = chosen_fields.choose_one(request, shown_space(space), ShownSpace)
        return Response(row, headers={"ETag": version_tag(space)})

    def patch(self, request: Request, public_id: str) -> Response:
        get_space(request.user, public_id, write=True)
        asked = read(request, SpacePatch, TAGS)
        with Refusals("space"), transaction.atomic():
            space = held(request, SearchSpace.objects.all(), public_id)
            space = save_space(
                team=space.team,
                user=person(request),
                name=space.name if asked.name is None else asked.name,
                parameters=Space.model_validate(space.space) if asked.space is None else asked.space,
                task=space.task if asked.task is None else asked.task,
                description=space.description if asked.description is None else asked.description,
                space=space,
            )
        return _told(space, 200)

    def delete(self, request: Request, public_id: str) -> Response:
        get_space(request.user, public_id, write=True)
        with transaction.atomic():
            delete_part(part=held(request, SearchSpace.objects.all(), public_id))
        return Response(status=204)


class SpaceCopyView(APIView):
    """POST: the same space once more, under the first free name "… (copy)"."""

    gives = {"POST": ShownSpace}

    @creates
    def post(self, request: Request, public_id: str) -> Response:
        space = get_space(request.user, public_id, make=True)
        return _told(copy_space(space=space, user=person(request)), 201)


def _told(space: SearchSpace, code: int) -> Response:
    return Response(shown_space(space), status=code, headers={"ETag": version_tag(space)})
