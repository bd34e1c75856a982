"""Which team the request is about: the one in the session, or the user's first."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from teams.models import Membership, User

if TYPE_CHECKING:

    class TeamRequest(HttpRequest):
        """A request of a signed-in user. `membership` is None for a user without a team."""

        user: User
        membership: Membership | None


SESSION_KEY = "team"


def current_membership(user: User, team_id: str | None) -> Membership | None:
    """The user's membership in the team with that public id, or in its first team."""
    memberships = Membership.objects.filter(user=user).select_related("team", "user").order_by("pk")
    if team_id:
        chosen = memberships.filter(team__public_id=team_id).first()
        if chosen:
            return chosen
    return memberships.first()


class TeamMiddleware:
    """Sets `request.membership` (lazy) and the reader's time zone."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        tagged = cast("TeamRequest", request)
        if request.user.is_authenticated:
            user = tagged.user
            team_id = request.session.get(SESSION_KEY)
            tagged.membership = cast("Membership", SimpleLazyObject(lambda: current_membership(user, team_id)))
            with timezone.override(user.time_zone):
                return self.get_response(request)
        tagged.membership = None
        return self.get_response(request)
