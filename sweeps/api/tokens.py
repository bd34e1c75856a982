"""A person's access tokens, for programs that manage them."""

from typing import Annotated

from django.http import Http404
from django.utils import timezone
from pydantic import AwareDatetime, StringConstraints
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.api.bodies import Refusals, read
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.requests import membership_of, person
from sweeps.queries.rows import iso
from sweeps.validation.problems import Invalid, Problem
from teams.models import AccessToken, Scope
from teams.tokens import make_token, revoke, scopes_for


class NewToken(Message):
    """`scope`: read, write or admin, no more than the role in the team is for. `expires_at`: null is never."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    scope: Scope = Scope.READ
    expires_at: AwareDatetime | None = None


class ShownAccessToken(TypedDict):
    """`prefix`: its first characters."""

    id: str
    name: str
    scope: str
    prefix: str
    team: str
    created_at: str | None
    expires_at: str | None
    last_used_at: str | None


class MadeToken(ShownAccessToken):
    """`token`: itself, which is told this once."""

    token: str


class TokenList(TypedDict):
    tokens: list[ShownAccessToken]


class TokensView(TaggedView):
    """GET: the person's tokens for the current team. POST: make one, which is told this once.

    With a token it takes one of the scope admin. `Idempotency-Key` has no effect: an answer with a token is not kept.
    """

    scope = Scope.ADMIN
    takes = {"POST": NewToken}
    gives = {"GET": TokenList, "POST": MadeToken}
    codes = {"POST": 201}

    def get(self, request: Request) -> Response:
        team = membership_of(request).team
        found = AccessToken.objects.select_related("team").filter(user=person(request), team=team, revoked_at=None)
        return Response({"tokens": [_told(token) for token in found]})

    def post(self, request: Request) -> Response:
        membership = membership_of(request)
        asked = read(request, NewToken)
        with Refusals():
            if asked.scope not in scopes_for(membership.role):
                raise Invalid([Problem("scope", f"Your role in the team, {membership.role}, is not for so much.")])
            if asked.expires_at is not None and asked.expires_at <= timezone.now():
                raise Invalid([Problem("expires_at", "Name a moment that is still to come.")])
        token, text = make_token(
            user=person(request),
            team=membership.team,
            name=asked.name,
            scope=asked.scope,
            expires_at=asked.expires_at,
        )
        return Response(MadeToken(**_told(token), token=text), status=201, headers={"Cache-Control": "no-store"})


class TokenView(TaggedView):
    """DELETE: revoke one of the person's own tokens; the sockets that were opened with it close."""

    scope = Scope.ADMIN

    def delete(self, request: Request, public_id: str) -> Response:
        team = membership_of(request).team
        found = AccessToken.objects.filter(public_id=public_id, user=person(request), team=team).first()
        if found is None:
            raise Http404
        revoke(found)
        return Response(status=204)


def _told(token: AccessToken) -> ShownAccessToken:
    return {
        "id": token.public_id,
        "name": token.name,
        "scope": token.scope,
        "prefix": token.prefix,
        "team": token.team.public_id,
        "created_at": iso(token.created_at),
        "expires_at": iso(token.expires_at),
        "last_used_at": iso(token.last_used_at),
    }
