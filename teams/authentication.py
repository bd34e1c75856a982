"""How a person's program proves who it is: `Authorization: Bearer hpt_…`."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import SimpleLazyObject
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from teams.models import AccessToken, Membership, Scope, User
from teams.tokens import find_token


class BadToken(AuthenticationFailed):
    """401, the same for a malformed, wrong, revoked and expired token, and one whose person has left the team."""

    default_code = "bad_token"
    default_detail = "The access token is wrong, revoked or expired. Make one on the page Access tokens."


class BearerToken(BaseAuthentication):
    """Sets `request.user`, who carries the token, and `request.auth`, the token. The current team is the token's.

    No such header: others may know who it is.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = find_token(text.strip().decode("latin-1"), Scope.READ)
        if token is None:
            raise BadToken
        user = acting(token)
        seen: Any = request._request  # noqa: SLF001  the one that the middleware has seen
        seen.membership = SimpleLazyObject(
            lambda: Membership.objects.select_related("team", "user").get(user=user, team=token.team)
        )
        return user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  DRF's signature
        return 'Bearer realm="hpweb"'


def acting(token: AccessToken) -> User:
    """The token's person, as far as the token lets a program act as them."""
    user = token.user
    user.token = token
    return user


_NEEDS: Final = "This access token is for {has}, and this needs {needs}. Make another one on the page Access tokens."


class Scoped(BasePermission):
    """Somebody is known. A token must be for what the method does: to read, to write, or as the view's `scope` says, for all
    its methods or by method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        token = request.auth
        usual = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        said: Any = getattr(view, "scope", usual)
        needed: str = said.get(request.method, usual) if isinstance(said, Mapping) else said
        if isinstance(token, AccessToken) and not token.covers(needed):
            raise PermissionDenied(_NEEDS.format(has=token.scope, needs=needed), code="scope")
        return True
