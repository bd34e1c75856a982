"""Socket addresses that lead nowhere."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.urls import re_path


async def _deny(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await WebsocketDenier()(scope, receive, send)


no_such_socket = re_path(r"", _deny)  # type: ignore[arg-type]  # channels routes ASGI apps like views
