"""What a team's jobs need to know and nobody may read: keys of other services."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import models

from teams.models.team import Team
from teams.models.user import User


class Unreadable(Exception):
    """The server's SECRET_KEY is another one than when the secret was kept."""


class Secret(models.Model):
    """`name` as the environment variable is called; `sealed`: the value, encrypted with a key made of SECRET_KEY."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="secrets")
    name = models.CharField(max_length=100)
    sealed = models.TextField()
    updated_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="secret_name_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.team}"

    def seal(self, value: str) -> None:
        """Keep the value; the object is still to be saved."""
        self.sealed = seal(value)

    def value(self) -> str:
        """The value. Raises `Unreadable`."""
        try:
            return open_sealed(self.sealed)
        except InvalidToken:
            raise Unreadable(
                f"{self.name} was kept under another SECRET_KEY and can't be read. Enter it again on the page Connections."
            ) from None


def seal(value: str) -> str:
    """Encrypted with a key made of SECRET_KEY."""
    return _fernet().encrypt(value.encode()).decode()


def open_sealed(sealed: str) -> str:
    """What was sealed. Raises `InvalidToken` under another key."""
    return _fernet().decrypt(sealed.encode()).decode()


def _fernet() -> Fernet:
    key = hashlib.sha256(b"hpweb.secret:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
