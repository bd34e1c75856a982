"""What a role may: the one table that pages, API, sockets and downloads ask.

`sweeps.access` finds things and asks here; nothing else compares roles.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import Http404

from teams.models import Membership, Role, Team
from teams.reach import Person, within


class Right(Enum):
    """`LOOK`: see everything of the team. `MAKE`: make things, control and change own ones, mark trials. `MANAGE`: control and
    change everybody's; secrets, runners, webhooks, members. `OWN`: make and unmake owners, delete the team."""

    LOOK = "look"
    MAKE = "make"
    MANAGE = "manage"
    OWN = "own"


RIGHTS: Final[Mapping[str, frozenset[Right]]] = MappingProxyType(
    {
        Role.VIEWER.value: frozenset({Right.LOOK}),
        Role.MEMBER.value: frozenset({Right.LOOK, Right.MAKE}),
        Role.ADMIN.value: frozenset({Right.LOOK, Right.MAKE, Right.MANAGE}),
        Role.OWNER.value: frozenset({Right.LOOK, Right.MAKE, Right.MANAGE, Right.OWN}),
    }
)
NO_TEAM: Final = "You belong to no team yet. Make one, or ask an admin of a team to invite you."
REFUSALS: Final[Mapping[Right, str]] = MappingProxyType(
    {
        Right.LOOK: NO_TEAM,
        Right.MAKE: "You may look at this team's work but not change it. Ask an owner or admin of the team to make you a member.",
        Right.MANAGE: "Only an owner or admin of the team may do this.",
        Right.OWN: "Only an owner of the team may do this.",
    }
)
NOT_YOURS: Final = "Only who made it, or an owner or admin of the team, may do this."


def roles_with(right: Right) -> frozenset[str]:
    """The roles that have the right."""
    return frozenset(role for role, rights in RIGHTS.items() if right in rights)


def may(membership: Membership | None, right: Right) -> bool:
    """Whether the membership gives its user the right. No membership gives none."""
    return bool(membership and right in RIGHTS.get(membership.role, frozenset()))


def may_in(user: Person, team: Team, right: Right) -> bool:
    """Whether the user has the right in `team`, which need not be the one of the session."""
    return (
        user.pk is not None and Membership.objects.filter(user=user.pk, team=team, role__in=roles_with(right)).exists()
    )


def may_change(user: Person, team: Team, maker_id: int | None) -> bool:
    """Whether the user controls and changes a thing of the team: the own one of who may make things, or everybody's."""
    if user.pk is None:
        return False
    role = Membership.objects.filter(user=user.pk, team=team).values_list("role", flat=True).first()
    rights = RIGHTS.get(role or "", frozenset())
    return Right.MANAGE in rights or (Right.MAKE in rights and maker_id == user.pk)


def require(membership: Membership | None, right: Right) -> Membership:
    """The membership, if it gives the right; PermissionDenied with a sentence."""
    if not membership:
        raise PermissionDenied(NO_TEAM)
    if not may(membership, right):
        raise PermissionDenied(REFUSALS[right])
    return membership


def get_team(user: Person, public_id: str, right: Right = Right.LOOK) -> Membership:
    """The user's membership in that team; Http404 for a stranger, PermissionDenied where it does not give the right."""
    found = Membership.objects.select_related("team", "user").filter(user=user.pk, team__public_id=public_id)
    membership = found.filter(team__in=Team.objects.filter(**within(user, ""))).first() if user.pk else None
    if membership is None:
        raise Http404("There is no such team.")
    return require(membership, right)
