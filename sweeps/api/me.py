"""Who a program is here."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from sweeps.queries.rows import iso
from teams.models import AccessToken


class MyTeam(TypedDict):
    id: str
    name: str


class ShownToken(TypedDict):
    """`expires_at`: null is never."""

    name: str
    scope: str
    expires_at: str | None


class Me(TypedDict):
    """`token`: null where a session asks."""

    name: str
    email: str
    team: MyTeam | None
    role: str | None
    token: ShownToken | None


class MeView(APIView):
    """GET: the person, the team that new things are made in, the role there, and the token that was sent, if one was."""

    gives = {"GET": Me}

    def get(self, request: Request) -> Response:
        user: Any = request.user
        seen: Any = request._request  # noqa: SLF001  the one that the middleware has seen
        membership, token = seen.membership, request.auth
        return Response(
            {
                "name": str(user),
                "email": user.email,
                "team": {"id": membership.team.public_id, "name": membership.team.name} if membership else None,
                "role": membership.role if membership else None,
                "token": _told(token) if isinstance(token, AccessToken) else None,
            }
        )


def _told(token: AccessToken) -> ShownToken:
    return {"name": token.name, "scope": token.scope, "expires_at": iso(token.expires_at)}
