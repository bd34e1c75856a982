"""Inviting people: made, sent again, revoked, accepted."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from teams.access import REFUSALS, Right, may_in
from teams.members import Refused
from teams.models import Invitation, Membership, Role, Team, User
from teams.models.token import hash_token

DAYS: Final = (1, 7, 30)
"""How long an invitation may hold."""
INVITATION: Final = "invitation"
"""Where a session keeps the token that a person came with."""
ENDED: Final = "This invitation was used, taken back, or is too old. Ask for a new one."


@transaction.atomic
def invite(*, team: Team, by: User, role: str, email: str = "", days: int = 7) -> tuple[Invitation, str]:
    """A new invitation and its token, which is known only now. An older one to the same address ends. Raises `Refused`."""
    right = Right.OWN if role == Role.OWNER else Right.MANAGE
    if not may_in(by, team, right):
        raise PermissionDenied(REFUSALS[right])
    email = email.strip().lower()
    if email and Membership.objects.filter(team=team, user__email__iexact=email).exists():
        raise Refused("This person is in the team already. Change the role there.")
    now = timezone.now()
    if email:
        team.invitations.filter(email=email, revoked_at=None, accepted_at=None).update(revoked_at=now)
    expires = now + timedelta(days=days)
    invitation = Invitation(team=team, email=email, role=Role(role).value, created_by=by, expires_at=expires)
    token = invitation.new_token()
    invitation.save()
    return invitation, token


def renew(*, invitation: Invitation, by: User) -> str:
    """A new token of an invitation, which holds as long again; the old link ends. Raises `Refused` for one that has ended."""
    _demand(invitation, by)
    if invitation.revoked_at or invitation.accepted_at:
        raise Refused(ENDED)
    held = invitation.expires_at - (invitation.sent_at or invitation.created_at)
    token = invitation.new_token()
    invitation.expires_at = timezone.now() + max(held, timedelta(days=1))
    invitation.save(update_fields=["token_hash", "expires_at"])
    return token


def revoke_invitation(*, invitation: Invitation, by: User) -> None:
    """Take it back. Again: no effect."""
    _demand(invitation, by)
    Invitation.objects.filter(pk=invitation.pk, revoked_at=None, accepted_at=None).update(revoked_at=timezone.now())


def send_invitation(invitation: Invitation, link: str) -> None:
    """Send the link to the invitation's address. Raises what the mail server says (OSError, SMTPException)."""
    days = max(round((invitation.expires_at - timezone.now()) / timedelta(days=1)), 1)
    text = (
        f"{invitation.sentence}\n\nJoin here, within {days} day{'' if days == 1 else 's'}:\n{link}\n\n"
        "hpweb shows and controls the team's hyperparameter sweeps. If you do not know who this is from, leave it be.\n"
    )
    send_mail(f"[hpweb] Invitation to {invitation.team}", text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    invitation.sent_at = timezone.now()
    invitation.save(update_fields=["sent_at"])


def find_invitation(token: str) -> Invitation | None:
    """The open invitation of a link, or None."""
    found = Invitation.objects.select_related("team", "created_by").filter(token_hash=hash_token(token)).first()
    return found if found is not None and found.is_open else None


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The open invitation with which the person came in this session."""
    token = request.session.get(INVITATION) if hasattr(request, "session") else None
    return find_invitation(token) if isinstance(token, str) else None


@transaction.atomic
def accept(*, invitation: Invitation, user: User) -> Membership:
    """Into the team. Who is in it keeps the role, and the invitation is not used up. Raises `Refused`."""
    found = Invitation.objects.select_for_update().select_related("team").get(pk=invitation.pk)
    if not found.is_open:
        raise Refused(ENDED)
    if found.email and found.email.lower() != user.email.lower():
        raise Refused(f"This invitation is for {found.email}. Log in with that address to use it.")
    membership, made = Membership.objects.get_or_create(team=found.team, user=user, defaults={"role": found.role})
    if made:
        found.accepted_at, found.accepted_by = timezone.now(), user
        found.save(update_fields=["accepted_at", "accepted_by"])
    return membership


def _demand(invitation: Invitation, by: User) -> None:
    right = Right.OWN if invitation.role == Role.OWNER else Right.MANAGE
    if not may_in(by, invitation.team, right):
        raise PermissionDenied(REFUSALS[right])
