"""A program that talks JSON with the API."""

import json
from typing import Any

from django.test import Client

from teams.models import Scope, Team, User
from teams.tokens import make_token


class Caller:
    """`path` is below `/api/v1/`. Headers: `if_match="…"` becomes If-Match."""

    def __init__(self, user: User, team: Team, scope: str = Scope.WRITE) -> None:
        self.text = make_token(user=user, team=team, name="test", scope=scope)[1]
        self._client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {self.text}"})

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1/{path}", headers=_headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("put", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("delete", path, body, headers)

    def upload(self, name: str, data: bytes) -> str:
        """Send a file as one chunk; its upload's id."""
        found = self.post("uploads/", {"filename": name, "size": len(data)}).json()
        self._client.put(f"/api/v1/uploads/{found['id']}/?offset=0", data, content_type="application/octet-stream")
        return str(found["id"])

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        send = getattr(self._client, method)
        return send(
            f"/api/v1/{path}",
            json.dumps({} if body is None else body),
            content_type="application/json",
            headers=_headers(headers),
        )


def _headers(named: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in named.items()}
