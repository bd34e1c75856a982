"""The socket of a sweep's page."""

import json
from collections.abc import Sequence
from typing import Any, Final

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.http import Http404

from sweeps.access import get_sweep
from sweeps.broadcast import group_name
from teams.sockets import person_group
from teams.tokens import socket_group, still_valid

LOGIN_NEEDED: Final = 4401
GONE: Final = 4404
TOO_LONG: Final = 4096
"""A browser has little to say; what is longer is not even parsed."""


class SweepConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Sends `hello` with the position, then whatever `sweeps.broadcast` says; answers `ping` with `pong`.

    Access is asked at the connection, with each ping and at each `access.changed`: who leaves the team, and whose token
    is revoked or session ended, loses the socket.
    """

    group = ""
    own_groups: Sequence[str] = ()
    greeted_at = -1

    async def connect(self) -> None:
        # Accepted first: a browser can't read the code of a handshake that was refused.
        await self.accept()
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(LOGIN_NEEDED)
            return
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        # In the group before the position is read, so that nothing falls in between.
        group = group_name(public_id)
        await self.channel_layer.group_add(group, self.channel_name)
        self.group = group
        self.own_groups = [person_group(user.pk), *([socket_group(user.token)] if user.token is not None else [])]
        for own in self.own_groups:
            await self.channel_layer.group_add(own, self.channel_name)
        position = await self._position()
        if position is None:
            await self.close(GONE)
            return
        self.greeted_at = position
        await self._say({"type": "hello", "position": position})

    async def disconnect(self, code: int) -> None:  # noqa: ARG002  channels' signature
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        for own in self.own_groups:
            await self.channel_layer.group_discard(own, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        if text_data is None or len(text_data) > TOO_LONG or not _is_ping(text_data):
            await self._say({"type": "error", "message": 'Only {"type": "ping", "position": N} is understood here.'})
            return
        position = await self._position()
        if position is None:
            await self.close(GONE)
            return
        await self._say({"type": "pong", "position": position})

    async def page_message(self, event: dict[str, Any]) -> None:
        """From the group: text that is ready to be sent. What the page learnt with the hello is not news to it."""
        if event["position"] > self.greeted_at:
            await self.send(text_data=event["text"])

    async def access_changed(self, event: dict[str, Any]) -> None:
        """From a group of those whose rights may have changed."""
        session = self.scope.get("session")
        if event.get("ended") and session is not None and session.session_key == event["ended"]:
            await self.close(LOGIN_NEEDED)
        elif await self._position() is None:
            await self.close(GONE)

    async def _say(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message))

    @database_sync_to_async  # type: ignore[untyped-decorator]  # channels has no types
    def _position(self) -> int | None:
        """Where the sweep stands, or None when this user can't reach it (any more)."""
        user = self.scope["user"]
        if user.token is not None and not still_valid(user.token):
            return None
        try:
            return get_sweep(user, self.scope["url_route"]["kwargs"]["public_id"]).position
        except Http404:
            return None


def _is_ping(text: str) -> bool:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and message.get("type") == "ping"
