"""A person's key for programs: scripts and clients that act for that person in one team."""

import hashlib
from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string

from teams.ids import ALPHABET, PublicIdModel
from teams.models.team import Team
from teams.models.user import User

TOKEN_PREFIX: Final = "hpt_"  # noqa: S105  a prefix that tells people what it is, no secret
TOKEN_LENGTH: Final = 48
"""Letters and digits behind the prefix: 285 bits. The clients that use a token want 40 characters or more."""
SHOWN: Final = 8


class Scope(models.TextChoices):
    """What a program may do with a token, each more than the one before; never more than its person may."""

    READ = "read", "Read"
    WRITE = "write", "Write"
    ADMIN = "admin", "Admin"


class AccessToken(PublicIdModel):
    """`prefix`: its first characters, to tell it from others; the token itself is only known when it is made.

    `scope`: read looks, write makes and changes things, admin also manages team, tokens and runners. `expires_at`: None
    is never.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    team = models.ForeignKey(Team, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=SHOWN)
    scope = models.CharField(max_length=5, choices=Scope.choices, default=Scope.WRITE)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def covers(self, scope: str) -> bool:
        """Whether it lets a program do what needs `scope`."""
        return Scope.values.index(self.scope) >= Scope.values.index(scope)

    def new_token(self) -> str:
        """Make a token and return it: it can't be read again."""
        token = TOKEN_PREFIX + get_random_string(TOKEN_LENGTH, ALPHABET)
        self.token_hash = hash_token(token)
        self.prefix = token[:SHOWN]
        return token


def hash_token(token: str) -> str:
    """SHA-256 is enough here: a token is random, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()
