"""How many requests a person, or one token of a person, may send to the API in a minute.

A count for each minute in the shared cache, so all server processes count together. At the turn of a minute up to twice
as many pass at once, which is no harm: the bound is against programs that ask without end.
"""

import time
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from teams.models import AccessToken

if TYPE_CHECKING:
    # Views import the classes that the settings name, this one among them.
    from rest_framework.views import APIView

WINDOW_S: Final = 60


class MinuteThrottle(BaseThrottle):
    """429 with `Retry-After` above `API_PER_MINUTE` of a person, `API_TOKEN_PER_MINUTE` of a token; 0 is no bound.

    Runners have their own API and are not counted.
    """

    left_s = 0

    def allow_request(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002  DRF's signature
        if request.user.pk is None:
            return True
        allowed = self._count(f"user.{request.user.pk}", int(settings.API_PER_MINUTE))
        if isinstance(request.auth, AccessToken):
            allowed = self._count(f"token.{request.auth.public_id}", int(settings.API_TOKEN_PER_MINUTE)) and allowed
        return allowed

    def wait(self) -> int:
        """Whole seconds until the next minute begins."""
        return self.left_s

    def _count(self, who: str, most: int) -> bool:
        if not most:
            return True
        # The wall clock: all servers must mean the same minute.
        now = time.time()
        key = f"api.{who}.{int(now // WINDOW_S)}"
        self.left_s = max(1, WINDOW_S - int(now % WINDOW_S))
        cache.add(key, 0, 2 * WINDOW_S)
        try:
            return cache.incr(key) <= most
        except ValueError:  # The cache was emptied in between.
            return True
