"""The client against the real API without a server: httpx requests become Django's test requests."""

from collections.abc import Callable
from typing import Any

import httpx
from django.test import Client as DjangoClient

from hpweb.client import Client
from teams.models import Team, User
from teams.tokens import make_token

Answer = httpx.Response | Exception


class Bridge(httpx.BaseTransport):
    """`before`: may answer in the server's place; None lets the request through. `sent`: all requests."""

    def __init__(self, before: Callable[[httpx.Request], Answer | None] | None = None) -> None:
        self.before = before
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        early = self.before(request) if self.before else None
        if isinstance(early, Exception):
            raise early
        if early is not None:
            return early
        headers: dict[str, Any] = {
            f"HTTP_{name.upper().replace('-', '_')}": value
            for name, value in request.headers.items()
            if name.lower() in {"authorization", "idempotency-key", "if-none-match", "if-match"}
        }
        answer = DjangoClient().generic(
            request.method,
            request.url.raw_path.decode(),
            request.read(),
            content_type=request.headers.get("Content-Type", "application/octet-stream"),
            **headers,
        )
        # What is streamed comes from threads of its own, which do not see a test's transaction: tests/e2e/test_client.py.
        return httpx.Response(answer.status_code, headers=list(answer.headers.items()), content=answer.content)


def client_of(user: User, team: Team, bridge: Bridge | None = None, scope: str = "write") -> Client:
    """A client with a token of its own."""
    _, token = make_token(user=user, team=team, name="test", scope=scope)
    return Client("http://testserver", token, inner=bridge or Bridge(), sleep=lambda _: None)
