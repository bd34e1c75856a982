"""A person's key for programs: scripts and clients that act for that person in one team."""

import hashlib
from typing import Final

from django.db import models
from django.utils.crypto import get_random_string

from teams.ids import ALPHABET, PublicIdModel
from teams.models.team import Team
from teams.models.user import User

TOKEN_PREFIX: Final = "hpt_"  # noqa: S105  a prefix that tells people what it is, no secret
TOKEN_LENGTH: Final = 48
"""Letters and digits behind the prefix: 285 bits. The clients that use a token want 40 characters or more."""
SHOWN: Final = 8


class AccessToken(PublicIdModel):
    """`prefix`: its first characters, to tell it from others; the token itself is only known when it is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=SHOWN)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    def new_token(self) -> str:
        """Make a token and return it: it can't be read again."""
        token = TOKEN_PREFIX + get_random_string(TOKEN_LENGTH, ALPHABET)
        self.token_hash = hash_token(token)
        self.prefix = token[:SHOWN]
        return token


def hash_token(token: str) -> str:
    """SHA-256 is enough here: a token is random, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()
