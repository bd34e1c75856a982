"""Models for programs."""

from typing import Annotated

from django.db import transaction
from pydantic import StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response

from runners.protocol.base import Message
from runners.protocol.spec import ModelProcessor, ModelSource, ProcessorSource
from sweeps.access import get_model
from sweeps.api.bodies import Refusals, read
from sweeps.api.library.lists import ASKS, wanted
from sweeps.api.library.shown import ModelPage, ShownModel, shown_model
from sweeps.api.shared import chosen_fields, pages
from sweeps.api.shared.etags import TaggedView, held, version_tag
from sweeps.api.shared.once import creates
from sweeps.api.shared.requests import person, team_to_write
from sweeps.models import Model
from sweeps.services.library import delete_part, save_model
from sweeps.validation.sweep import TAGS

Words = Annotated[str, StringConstraints(max_length=2000)]


class NewModel(Message):
    """`source`: where the weights come from. `processor`: the tokenizer or image processor."""

    name: str
    task: str
    source: ModelSource
    processor: ProcessorSource = ModelProcessor()
    description: Words = ""


class ModelPatch(Message):
    """What is to be otherwise."""

    name: str | None = None
    task: str | None = None
    source: ModelSource | None = None
    processor: ProcessorSource | None = None
    description: Words | None = None


class ModelsView(TaggedView):
    """GET: the models of the team's library, the newest first. POST: make one."""

    takes = {"POST": NewModel}
    gives = {"GET": ModelPage, "POST": ShownModel}
    asks = {"GET": ASKS}

    def get(self, request: Request) -> Response:
        found, more = pages.page(request, wanted(request, Model.objects.all()))
        rows = chosen_fields.choose(request, map(shown_model, found), ShownModel)
        return Response({"models": rows, "next": more})

    @creates
    def post(self, request: Request) -> Response:
        team = team_to_write(request)
        asked = read(request, NewModel, TAGS)
        with Refusals():
            model = save_model(team=team, user=person(request), **dict(asked))
        return Response(shown_model(model), status=201, headers={"ETag": version_tag(model)})


class ModelView(TaggedView):
    """GET: the model. PATCH: change it; sweeps that have started keep what they were frozen with. DELETE: take it away.

    With `If-Match` a change or deletion is refused (412) where somebody else has changed the model since.
    """

    takes = {"PATCH": ModelPatch}
    gives = {"GET": ShownModel, "PATCH": ShownModel}
    asks = {"GET": chosen_fields.ASKS}
    matches = True

    def get(self, request: Request, public_id: str) -> Response:
        model = get_model(request.user, public_id)
        row = chosen_fields.choose_one(request, shown_model(model), ShownModel)
        return Response(row, headers={"ETag": version_tag(model)})

    def patch(self, request: Request, public_id: str) -> Response:
        get_model(request.user, public_id, write=True)
        asked = read(request, ModelPatch, TAGS)
        with Refusals(), transaction.atomic():
            model = held(request, Model.objects.all(), public_id)
            now = NewModel.model_validate(
                {name: getattr(model, name) for name in NewModel.model_fields}
                | asked.model_dump(exclude_none=True, exclude_unset=True)
            )
            model = save_model(team=model.team, user=person(request), model=model, **dict(now))
        return Response(shown_model(model), headers={"ETag": version_tag(model)})

    def delete(self, request: Request, public_id: str) -> Response:
        get_model(request.user, public_id, write=True)
        with transaction.atomic():
            delete_part(part=held(request, Model.objects.all(), public_id))
        return Response(status=204)
