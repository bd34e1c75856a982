"""A way into a team that was handed to somebody: a link, or an email with one."""

from datetime import datetime
from typing import Final

from django.db import models
from django.utils import timezone
from django.utils.crypto import get_random_string

from teams.ids import ALPHABET, PublicIdModel
from teams.models.team import Role, Team
from teams.models.token import hash_token
from teams.models.user import User

TOKEN_LENGTH: Final = 43
"""Letters and digits of a link: 256 bits."""


class Invitation(PublicIdModel):
    """`email`: to whom the link was sent, who alone may use it; empty for a link that whoever has it may use once.

    The link itself is known only when it is made; the database has its hash.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.email or 'a link'} into {self.team}"

    def new_token(self) -> str:
        """Make a token and return it: it can't be read again. An older one ends."""
        token = get_random_string(TOKEN_LENGTH, ALPHABET)
        self.token_hash = hash_token(token)
        return token

    @property
    def is_open(self) -> bool:
        return self.open_at(timezone.now())

    def open_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and self.accepted_at is None and self.expires_at > moment

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def sentence(self) -> str:
        """Who invites to what."""
        by = f"{self.created_by} invites you" if self.created_by else "You are invited"
        article = "an" if self.role in {Role.ADMIN, Role.OWNER} else "a"
        return f"{by} to the team {self.team} as {article} {self.get_role_display().lower()}."
