"""The user's teams and who belongs to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.api.bodies import Conflict, Refusals, read
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.once import creates
from sweeps.api.shared.requests import person
from sweeps.queries.rows import iso
from sweeps.services.team_removal import delete_team
from teams.access import Right, get_team
from teams.members import Refused, change_role, create_team, remove_member, rename_team
from teams.models import Membership, Role, Scope
from teams.reach import teams_of

CHANGES = {"POST": Scope.ADMIN, "PATCH": Scope.ADMIN, "DELETE": Scope.ADMIN}
"""What methods need of a token."""


class TeamName(Message):
    name: str


class ShownTeam(TypedDict):
    """`role`: yours. `members`: how many."""

    id: str
    name: str
    role: str
    members: int
    created_at: str | None


class TeamList(TypedDict):
    teams: list[ShownTeam]


class MemberRole(Message):
    role: Role


class ShownMember(TypedDict):
    email: str
    name: str
    role: str
    joined_at: str | None


class MemberList(TypedDict):
    members: list[ShownMember]


@contextmanager
def refusals(field: str) -> Iterator[None]:
    """What the people's verbs refuse becomes the API's answer, at the field."""
    try:
        yield
    except Refused as error:
        raise exceptions.ValidationError({field: [str(error)]}) from None


class TeamsView(TaggedView):
    """GET: the user's teams, by name; with a token the token's. POST: make one, which the user owns."""

    scope = CHANGES
    takes = {"POST": TeamName}
    gives = {"GET": TeamList, "POST": ShownTeam}

    def get(self, request: Request) -> Response:
        roles = dict(Membership.objects.filter(user=person(request)).values_list("team", "role"))
        return Response({"teams": [_told(team, roles[team.pk]) for team in teams_of(request.user)]})

    @creates
    def post(self, request: Request) -> Response:
        asked = read(request, TeamName)
        with refusals("name"):
            team = create_team(user=person(request), name=asked.name)
        return Response(_told(team, Role.OWNER.value), status=201)


class TeamView(TaggedView):
    """GET: a team. PATCH: call it otherwise. DELETE: take it away with all that belongs to it; its name must be sent too.

    Admins rename, owners delete.
    """

    scope = CHANGES
    takes = {"PATCH": TeamName, "DELETE": TeamName}
    gives = {"GET": ShownTeam, "PATCH": ShownTeam}

    def get(self, request: Request, public_id: str) -> Response:
        membership = get_team(request.user, public_id)
        return Response(_told(membership.team, membership.role))

    def patch(self, request: Request, public_id: str) -> Response:
        membership = get_team(request.user, public_id, Right.MANAGE)
        asked = read(request, TeamName)
        with refusals("name"):
            rename_team(team=membership.team, by=person(request), name=asked.name)
        return Response(_told(membership.team, membership.role))

    def delete(self, request: Request, public_id: str) -> Response:
        membership = get_team(request.user, public_id, Right.OWN)
        asked = read(request, TeamName)
        with Refusals():
            delete_team(team=membership.team, user=person(request), name=asked.name)
        return Response(status=204)


class MembersView(TaggedView):
    """GET: who belongs to the team, from owners to viewers."""

    gives = {"GET": MemberList}

    def get(self, request: Request, public_id: str) -> Response:
        team = get_team(request.user, public_id).team
        found = Membership.objects.filter(team=team).select_related("user")
        by_rank = sorted(found, key=lambda one: (list(Role).index(Role(one.role)), one.user.email))
        return Response({"members": [_member(one) for one in by_rank]})


class MemberView(TaggedView):
    """PATCH: another role. DELETE: out of the team, or leave it; what the person has made stays the team's.

    Admins do it with everybody but owners, owners with everybody. The last owner stays.
    """

    scope = CHANGES
    takes = {"PATCH": MemberRole}
    gives = {"PATCH": ShownMember}

    def patch(self, request: Request, public_id: str, email: str) -> Response:
        membership = _found(request, public_id, email, Right.MANAGE)
        asked = read(request, MemberRole)
        with refusals("role"):
            change_role(membership=membership, by=person(request), role=asked.role)
        return Response(_member(_found(request, public_id, email, Right.LOOK)))

    def delete(self, request: Request, public_id: str, email: str) -> Response:
        membership = _found(request, public_id, email, Right.LOOK)
        try:
            remove_member(membership=membership, by=person(request))
        except Refused as error:
            raise Conflict(str(error)) from None
        return Response(status=204)


def _found(request: Request, public_id: str, email: str, right: Right) -> Membership:
    team = get_team(request.user, public_id, right).team
    members = Membership.objects.filter(team=team, user__email__iexact=email.replace("\0", "")).select_related("user")
    found = members.first()
    if found is None:
        raise Http404
    return found


def _told(team: Any, role: str) -> ShownTeam:
    return {
        "id": team.public_id,
        "name": team.name,
        "role": role,
        "members": Membership.objects.filter(team=team).count(),
        "created_at": iso(team.created_at),
    }


def _member(one: Membership) -> ShownMember:
    return {"email": one.user.email, "name": one.user.name, "role": one.role, "joined_at": iso(one.created_at)}
