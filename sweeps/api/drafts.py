"""Drafts for people's programs: made and changed with everything that the form can say."""

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

from django.db import transaction
from django.http import Http404
from pydantic import StringConstraints, ValidationError
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps import access
from sweeps.api.marks import Tags
from sweeps.models import Sweep
from sweeps.services import drafts, specs
from sweeps.services.control import start_sweep
from sweeps.services.sweep_tags import tag_sweep
from sweeps.validation.draft import Draft
from sweeps.validation.problems import Invalid, Problem, errors_of, from_pydantic
from sweeps.validation.sweep import TAGS
from teams.models import Team

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

NUL: Final = "\\u0000"


class DraftRequest(Message):
    """`model`, `data` (a data set version) and `space` are public ids; each may be missing.

    `tags`: beside those that are there. `start`: begin at once; what can't start is then not written either.
    """

    name: str
    description: Annotated[str, StringConstraints(max_length=2000)] = ""
    model: str | None = None
    data: str | None = None
    space: str | None = None
    draft: Draft = Draft()
    tags: Tags = ()
    start: bool = False


class ShownDraft(TypedDict):
    """The draft as it was stored. `problems` keep it from starting, `warnings` do not: path → sentences."""

    id: str
    name: str
    state: str
    draft: dict[str, Any]
    problems: dict[str, list[str]]
    warnings: dict[str, list[str]]


def make_draft(request: Request) -> Response:
    """A new draft in the team of the session or token, perhaps started. 201 with `told`."""
    asked = cast("TeamRequest", request._request)  # noqa: SLF001  the one that the middleware has seen
    sweep = _save(request, access.writing_team(asked.membership), None)
    return Response(told(sweep), status=201)


def change_draft(request: Request, public_id: str) -> Response:
    """The draft, written anew. A sweep that has started is refused."""
    sweep = access.get_sweep(request.user, public_id, write=True)
    return Response(told(_save(request, sweep.team, sweep)))


def told(sweep: Sweep) -> ShownDraft:
    """The draft as it was stored."""
    _, problems = specs.review(sweep=sweep)
    return {
        "id": sweep.public_id,
        "name": sweep.name,
        "state": sweep.state,
        "draft": sweep.draft,
        "problems": _by_path(errors_of(problems)),
        "warnings": _by_path(problem for problem in problems if problem.warning),
    }


def _by_path(problems: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(problem.path, []).append(problem.message)
    return found


def _save(request: Request, team: Team, sweep: Sweep | None) -> Sweep:
    asked = _read(request.data)
    user = cast("Any", request.user)
    try:
        with transaction.atomic():
            found = drafts.save_draft(
                team=team,
                user=user,
                name=asked.name,
                description=asked.description,
                draft=asked.draft,
                model=_part("model", access.get_model, user, asked.model),
                dataset_version=_part("data", access.get_version, user, asked.data),
                space=_part("space", access.get_space, user, asked.space),
                sweep=sweep,
            )
            for name in asked.tags:
                tag_sweep(sweep=found, name=name, user=user)
            return start_sweep(sweep=found, user=user) if asked.start else found
    except Invalid as error:
        raise _refused(error.errors()) from None


def _read(data: Any) -> DraftRequest:
    # PostgreSQL keeps no NUL, neither in text nor in JSON.
    if NUL in json.dumps(data, default=str):
        raise _refused([Problem("", "A NUL character can't be stored: take it out.")])
    try:
        return DraftRequest.model_validate(data)
    except ValidationError as error:
        problems = from_pydantic(error, tags=TAGS)
        raise _refused(
            Problem(problem.path.removeprefix("draft."), problem.message, problem.warning) for problem in problems
        ) from None


def _part(name: str, find: Any, user: Any, public_id: str | None) -> Any:
    if not public_id:
        return None
    try:
        return find(user, public_id)
    except Http404:
        raise _refused([Problem(name, "There is no such thing in this team: give its id.")]) from None


def _refused(problems: Any) -> exceptions.ValidationError:
    return exceptions.ValidationError(cast("dict[str, Any]", _by_path(problems)))
