"""Inviting people by a program."""

import logging
from smtplib import SMTPException
from typing import Annotated

from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import Http404
from django.urls import reverse
from pydantic import Field
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.api.bodies import read
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.requests import person
from sweeps.api.team.teams import refusals
from sweeps.queries.rows import iso
from teams.access import Right, get_team
from teams.invitations import invite, revoke_invitation, send_invitation
from teams.models import Invitation, Role, Scope

logger = logging.getLogger(__name__)


class NewInvitation(Message):
    """`email`: where the link is sent, and who alone may use it; empty: the answer has a link, good for one person.

    Only owners invite owners.
    """

    email: str = ""
    role: Role = Role.MEMBER
    days: Annotated[int, Field(ge=1, le=30)] = 7


class ShownInvitation(TypedDict):
    """`email`: empty for a link."""

    id: str
    email: str
    role: str
    created_at: str | None
    sent_at: str | None
    expires_at: str | None


class MadeInvitation(ShownInvitation):
    """`link`: told this once; empty where it was sent to the address."""

    link: str


class InvitationList(TypedDict):
    invitations: list[ShownInvitation]


class InvitationsView(TaggedView):
    """GET: open invitations, the newest first. POST: invite somebody. For admins and owners."""

    scope = Scope.ADMIN
    takes = {"POST": NewInvitation}
    gives = {"GET": InvitationList, "POST": MadeInvitation}
    codes = {"POST": 201}

    def get(self, request: Request, public_id: str) -> Response:
        team = get_team(request.user, public_id, Right.MANAGE).team
        found = Invitation.objects.filter(team=team, revoked_at=None, accepted_at=None)
        return Response({"invitations": [_told(one) for one in found]})

    def post(self, request: Request, public_id: str) -> Response:
        team = get_team(request.user, public_id, Right.MANAGE).team
        asked = read(request, NewInvitation)
        if asked.email:
            try:
                validate_email(asked.email)
            except ValidationError as error:
                raise exceptions.ValidationError({"email": list(error.messages)}) from None
        seen = request._request  # noqa: SLF001  the one that the middleware has seen
        if not ratelimit.consume(seen, action="invite", user=person(request)):
            raise exceptions.Throttled(wait=3600)
        with refusals("email"):
            invitation, token = invite(
                team=team, by=person(request), role=asked.role.value, email=asked.email, days=asked.days
            )
        link = request.build_absolute_uri(reverse("join", args=[token]))
        if invitation.email:
            try:
                send_invitation(invitation, link)
                link = ""
            except (OSError, SMTPException) as error:
                # The link is in the answer, so the person can still be told.
                logger.warning("An invitation could not be sent: %s", error)
        answer = MadeInvitation(**_told(invitation), link=link)
        return Response(answer, status=201, headers={"Cache-Control": "no-store"})


class InvitationView(TaggedView):
    """DELETE: take an invitation back."""

    scope = Scope.ADMIN

    def delete(self, request: Request, public_id: str, invitation: str) -> Response:
        team = get_team(request.user, public_id, Right.MANAGE).team
        found = Invitation.objects.filter(team=team, public_id=invitation).first()
        if found is None:
            raise Http404
        revoke_invitation(invitation=found, by=person(request))
        return Response(status=204)


def _told(one: Invitation) -> ShownInvitation:
    return {
        "id": one.public_id,
        "email": one.email,
        "role": one.role,
        "created_at": iso(one.created_at),
        "sent_at": iso(one.sent_at),
        "expires_at": iso(one.expires_at),
    }
