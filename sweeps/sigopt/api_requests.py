"""What the SigOpt client sends: its key, its JSON. And how it is refused: a status and a message."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest

from teams.models import Team, User
from teams.tokens import find_token

MAX_BODY: Final = 2**20
"""Bytes. A definition is some kilobytes; a log that the client sends is cut by the client to one."""


class Refusal(Exception):
    """The request is refused; the text is a sentence for people. The client raises it with the status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Caller:
    """A person's script. Everything is looked up within `team`; the client's name is the team's public id."""

    team: Team
    user: User
    host: str
    version: str


def caller_of(request: HttpRequest) -> Caller:
    """Who calls. Refusal (401) when the key is missing, wrong or revoked.

    The client sends `Authorization: Basic` with the access token as the user name and no password.
    """
    token = find_token(_key(request.headers.get("Authorization", "")))
    if token is None:
        message = "The API token is missing, wrong or revoked. Make an access token on hpweb's page Access tokens."
        raise Refusal(message, 401)
    version = request.headers.get("X-SigOpt-Python-Version", "")[:50]
    return Caller(token.team, token.user, str(request.META.get("REMOTE_ADDR") or "somewhere"), version)


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent; an empty body is an empty object. Refusal for what can't be kept."""
    raw = request.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise Refusal(f"The request is longer than {MAX_BODY // 2**20} MiB.", 413)
    if not raw.strip():
        return {}
    try:
        found = json.loads(raw)
        # As it is stored: UTF-8 without NaN, infinity (also written 1e999) and halves of surrogate pairs.
        written = json.dumps(found, allow_nan=False, ensure_ascii=False)
        written.encode()
    except (ValueError, RecursionError):
        raise Refusal("A JSON object is expected, with finite numbers only.") from None
    if not isinstance(found, dict):
        raise Refusal("A JSON object is expected.")
    if "\\u0000" in written:
        raise Refusal("A NUL character can't be kept.")
    return found


def _key(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
