"""How a runner proves who it is: `Authorization: Bearer <token>`."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from runners.models import Runner, hash_token


class BadToken(AuthenticationFailed):
    """401, the same for a missing, a malformed, a wrong and a withdrawn token."""

    default_code = "bad_token"
    default_detail = (
        "The runner's token is missing or not valid. Make one with `manage.py runner_token` and set HPWEB_RUNNER_TOKEN."
    )


class RunnerToken(BaseAuthentication):
    """Sets `request.auth` to the Runner; `request.user` stays anonymous.

    The token's hash is looked up, so a wrong token costs what a right one does and tells nothing about others.
    """

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Runner]:
        scheme, _, token = get_authorization_header(request).partition(b" ")
        digest = hash_token(token.strip().decode("latin-1"))
        runner = Runner.objects.filter(token_hash=digest).first()
        if runner is None or scheme.lower() != b"bearer":
            raise BadToken
        return AnonymousUser(), runner

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  DRF's signature
        return 'Bearer realm="runner"'


class IsRunner(BasePermission):
    """Runners only."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002  DRF's signature
        return isinstance(request.auth, Runner)
