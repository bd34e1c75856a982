"""Who belongs to a team: made, renamed, roles changed, people removed. Each verb asks what the person doing it may."""

from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction

from teams.access import REFUSALS, Right, may_in
from teams.models import AccessToken, Membership, Role, Team, User
from teams.sockets import ask_again
from teams.tokens import revoke

MAX_NAME: Final = 100
LAST_OWNER: Final = "A team needs an owner. Make somebody else an owner first."


class Refused(Exception):
    """What was asked can't be; the text is a sentence for people."""


def clean_name(name: str) -> str:
    """The name as it is kept. Raises `Refused`."""
    name = " ".join(name.split())
    if not name:
        raise Refused("Give the team a name.")
    if len(name) > MAX_NAME:
        raise Refused(f"At most {MAX_NAME} characters.")
    return name


@transaction.atomic
def create_team(*, user: User, name: str) -> Team:
    """A team that the user owns. Raises `Refused` for a name that can't be."""
    team = Team.objects.create(name=clean_name(name))
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    return team


def rename_team(*, team: Team, by: User, name: str) -> None:
    """Call the team otherwise: admins and owners. Raises `Refused`."""
    _demand(by, team, Right.MANAGE)
    team.name = clean_name(name)
    team.save(update_fields=["name"])


@transaction.atomic
def change_role(*, membership: Membership, by: User, role: str) -> None:
    """Another role for a member. Admins change everybody but owners, owners everybody. The last owner stays one."""
    team, membership = _locked(membership)
    _demand(by, team, _needed(membership.role, role))
    if role == membership.role:
        return
    if membership.role == Role.OWNER:
        _another_owner(team, membership)
    membership.role = Role(role).value
    membership.save(update_fields=["role"])
    ask_again(membership.user_id)


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """Out of the team: admins remove everybody but owners, owners everybody, and everyone may leave.

    What the person has made stays the team's; tokens for the team end, and sockets are closed.
    """
    team, membership = _locked(membership)
    if membership.user_id != by.pk:
        _demand(by, team, _needed(membership.role))
    if membership.role == Role.OWNER:
        _another_owner(team, membership)
    membership.delete()
    for token in AccessToken.objects.filter(team=team, user=membership.user_id, revoked_at=None):
        revoke(token)
    ask_again(membership.user_id)


def _needed(*roles: str) -> Right:
    """To touch an owner, or to make one, it takes an owner."""
    return Right.OWN if Role.OWNER in roles else Right.MANAGE


def _demand(user: User, team: Team, right: Right) -> None:
    if not may_in(user, team, right):
        raise PermissionDenied(REFUSALS[right])


def _locked(membership: Membership) -> tuple[Team, Membership]:
    """The team first, so that two owners who leave at once do not both find the other still there."""
    team = Team.objects.select_for_update().get(pk=membership.team_id)
    found = Membership.objects.select_related("user").filter(pk=membership.pk).first()
    if found is None:
        raise Refused("This person does not belong to the team any more.")
    return team, found


def _another_owner(team: Team, membership: Membership) -> None:
    owners = Membership.objects.filter(team=team, role=Role.OWNER, user__is_active=True)
    if not owners.exclude(pk=membership.pk).exists():
        raise Refused(LAST_OWNER)
