"""Sockets only from our own pages: a browser sends the session's cookie along whoever opens the socket."""

from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings


class SameOrigin:
    """Lets a socket through when its Origin is the host it was opened at, or one that may post forms.

    Programs send no Origin and carry no cookie that they did not choose to send, so they pass.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        host = headers.get(b"host", b"").decode("latin-1")
        if origin and not _trusted(origin, host):
            return await WebsocketDenier()(scope, receive, send)
        return await self._application(scope, receive, send)


def _trusted(origin: str, host: str) -> bool:
    return urlsplit(origin).netloc.lower() == host.lower() or origin in settings.CSRF_TRUSTED_ORIGINS
