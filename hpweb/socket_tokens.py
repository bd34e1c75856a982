"""Sockets of programs: `Authorization: Bearer hpt_…`, as in the API."""

from typing import Any

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser

from teams.authentication import acting
from teams.models import Scope
from teams.tokens import find_token


class BearerSockets:
    """Sets `scope["user"]` where a token comes with the handshake; nobody where it is a wrong one."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        kind, _, text = header.partition(" ")
        if kind.lower() == "bearer":
            token = await database_sync_to_async(find_token)(text.strip(), Scope.READ)
            scope = {**scope, "user": acting(token) if token else AnonymousUser()}
        return await self._application(scope, receive, send)
