"""Who calls the endpoint: a runner's job by its own key, or a person's program by an access token.

The client sends `Authorization: Basic` with the user name `api`. Everything else is looked up by what the key may
reach; names of entities and projects that the client sends mean nothing.
"""

import base64
import binascii
from dataclasses import dataclass

from django.http import HttpRequest

from sweeps.models import Job
from sweeps.services.job_secrets import job_of_key
from teams.models import Team, User
from teams.tokens import find_token


@dataclass(frozen=True)
class Caller:
    """`job` is set for a runner's job, `user` for a person's program."""

    team: Team
    user: User | None = None
    job: Job | None = None


def caller_of(request: HttpRequest) -> Caller | None:
    """Who calls, or None when the key is missing, wrong or has ended."""
    key = _key(request.headers.get("Authorization", ""))
    if not key:
        return None
    job = job_of_key(key)
    if job is not None:
        return Caller(team=job.sweep.team, job=job)
    token = find_token(key)
    return Caller(team=token.team, user=token.user) if token is not None else None


def _key(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
