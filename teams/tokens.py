"""Access tokens: made, found, revoked."""

from datetime import datetime, timedelta
from typing import Final

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from teams.access import RIGHTS, Right
from teams.models import AccessToken, Membership, Scope, Team, User
from teams.models.token import TOKEN_PREFIX, hash_token

NOTED_EVERY: Final = timedelta(minutes=1)
"""`last_used_at` is not written at each request."""


def scopes_for(role: str) -> list[Scope]:
    """What a token of somebody with this role may be for: never for more than the role is."""
    rights = RIGHTS.get(role, frozenset())
    needed = {Scope.READ: Right.LOOK, Scope.WRITE: Right.MAKE, Scope.ADMIN: Right.MANAGE}
    return [scope for scope, right in needed.items() if right in rights]


def make_token(
    *, user: User, team: Team, name: str, scope: str = Scope.WRITE, expires_at: datetime | None = None
) -> tuple[AccessToken, str]:
    """A new token of the user for the team, and its text, which is known only now."""
    token = AccessToken(user=user, team=team, name=name.strip()[:100] or "Token", scope=scope, expires_at=expires_at)
    text = token.new_token()
    token.save()
    return token, text


def find_token(text: str, scope: str = Scope.WRITE) -> AccessToken | None:
    """The token, with its user and team; None for one that is wrong, revoked, expired, not for so much as `scope`, or
    whose user may not do so much any more."""
    if not text.startswith(TOKEN_PREFIX):
        return None
    found = _valid().filter(token_hash=hash_token(text)).first()
    if found is None or not found.covers(scope) or not _may(found, scope):
        return None
    now = timezone.now()
    if found.last_used_at is None or now - found.last_used_at > NOTED_EVERY:
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def still_valid(token: AccessToken) -> bool:
    """Whether a token that was found is still one with which its person may look."""
    return _valid().filter(pk=token.pk).exists() and _may(token, Scope.READ)


@transaction.atomic
def revoke(token: AccessToken) -> None:
    """End the token, and the sockets that were opened with it. Again: no effect."""
    if AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        transaction.on_commit(lambda: close_sockets(token), robust=True)


def socket_group(token: AccessToken) -> str:
    """The channel group of the sockets that were opened with the token."""
    return f"token.{token.public_id}"


def close_sockets(token: AccessToken) -> None:
    """Have the token's sockets ask again whether they may be open."""
    async_to_sync(get_channel_layer().group_send)(socket_group(token), {"type": "access.changed"})


def _valid() -> QuerySet[AccessToken]:
    fresh = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return AccessToken.objects.select_related("user", "team").filter(fresh, revoked_at=None, user__is_active=True)


def _may(token: AccessToken, scope: str) -> bool:
    """Whether the person still has a role in the team that is for so much."""
    role = Membership.objects.filter(user=token.user_id, team=token.team_id).values_list("role", flat=True).first()
    return role is not None and scope in scopes_for(role)
