"""Access tokens: made, found, revoked."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from teams.models import AccessToken, Membership, Role, Team, User
from teams.models.token import TOKEN_PREFIX, hash_token

NOTED_EVERY: Final = timedelta(minutes=1)
"""`last_used_at` is not written at each request."""


def make_token(*, user: User, team: Team, name: str) -> tuple[AccessToken, str]:
    """A new token of the user for the team, and its text, which is known only now."""
    token = AccessToken(user=user, team=team, name=name.strip()[:100] or "Token")
    text = token.new_token()
    token.save()
    return token, text


def find_token(text: str) -> AccessToken | None:
    """The token, with its user and team; None for one that is wrong, revoked, or whose user may not act any more."""
    if not text.startswith(TOKEN_PREFIX):
        return None
    found = (
        AccessToken.objects.select_related("user", "team")
        .filter(token_hash=hash_token(text), revoked_at=None, user__is_active=True)
        .first()
    )
    if found is None:
        return None
    roles = Membership.objects.filter(user=found.user, team=found.team).exclude(role=Role.VIEWER)
    if not roles.exists():
        return None
    now = timezone.now()
    if found.last_used_at is None or now - found.last_used_at > NOTED_EVERY:
        AccessToken.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def revoke(token: AccessToken) -> None:
    """End the token. Again: no effect."""
    AccessToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
