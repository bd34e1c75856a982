"""Sweeps, search spaces and models as documents: written as YAML, and made of YAML or of the same as JSON."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps import access
from sweeps.api.bodies import Refusals, read
from sweeps.api.shared.once import creates
from sweeps.api.shared.requests import person, team_to_write
from sweeps.models import Sweep
from sweeps.services.control import start_sweep
from sweeps.services.documents.exported import model_yaml, space_yaml, sweep_yaml
from sweeps.services.documents.imported import import_document
from sweeps.services.documents.judged import judge
from sweeps.services.documents.yaml_text import load
from sweeps.validation.problems import Invalid, Problem, errors_of, refuse
from teams.models import User

YAML = "application/yaml; charset=utf-8"


class Document(Message):
    """`text`: YAML; or `document`: the same as JSON. `kind`: what it must be: sweep, space or model.

    `name`: instead of the document's own. `start`: the sweep too; what cannot start is then not made either.
    """

    text: str | None = None
    document: dict[str, Any] | None = None
    kind: str = ""
    name: str = ""
    start: bool = False


class Made(TypedDict, total=False):
    """`state`, `problems` and `warnings`: of a sweep."""

    kind: str
    id: str
    name: str
    state: str
    problems: dict[str, list[str]]
    warnings: dict[str, list[str]]


class DocumentsView(APIView):
    """POST: make what the document says → 201 `{"kind", "id", "name"}`, of a sweep also `state`, `problems`, `warnings`.

    A sweep becomes a draft, however incomplete; `problems` keep it from starting, `warnings` do not: path → sentences.
    """

    takes = {"POST": Document}
    gives = {"POST": Made}

    @creates
    def post(self, request: Request) -> Response:
        asked = read(request, Document)
        team, user = team_to_write(request), person(request)
        with Refusals(), transaction.atomic():
            made = import_document(
                team=team, user=user, document=_document(asked), kind=asked.kind, name=asked.name.strip()
            )
            answer = {"kind": made.kind, "id": made.thing.public_id, "name": made.thing.name}
            if isinstance(made.thing, Sweep):
                answer |= _judged(made.thing, user, start=asked.start)
            elif asked.start:
                raise Invalid([Problem("start", f"A {made.kind} can't be started: leave start out.")])
        return Response(answer, status=201)


class SweepYamlView(APIView):
    """GET: the sweep as YAML, a started one as it was frozen. 400 for a script's sweep, which has none."""

    binary = {"GET": "application/yaml"}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        sweep = access.get_sweep(request.user, public_id)
        with Refusals():
            return HttpResponse(sweep_yaml(sweep), content_type=YAML)


class SpaceYamlView(APIView):
    """GET: the search space as YAML."""

    binary = {"GET": "application/yaml"}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        return HttpResponse(space_yaml(access.get_space(request.user, public_id)), content_type=YAML)


class ModelYamlView(APIView):
    """GET: the model as YAML."""

    binary = {"GET": "application/yaml"}

    def get(self, request: Request, public_id: str) -> HttpResponse:
        return HttpResponse(model_yaml(access.get_model(request.user, public_id)), content_type=YAML)


def _document(asked: Document) -> dict[str, Any]:
    if (asked.text is None) == (asked.document is None):
        raise Invalid([Problem("text", "Send text (YAML) or document (the same as JSON), one of the two.")])
    return load(asked.text) if asked.text is not None else asked.document or {}


def _judged(sweep: Sweep, user: User, *, start: bool) -> dict[str, Any]:
    problems = judge(sweep)
    if start:
        refuse(problems)
        sweep = start_sweep(sweep=sweep, user=user)
    return {
        "state": sweep.state,
        "problems": _by_path(errors_of(problems)),
        "warnings": _by_path(problem for problem in problems if problem.warning),
    }


def _by_path(problems: Iterable[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.path, []).append(problem.message)
    return found
