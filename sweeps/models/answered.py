"""What a program was answered, in case that it asks again because the answer was lost."""

from datetime import timedelta
from typing import Final

from django.db import models

from teams.models import User

ANSWER_AGE: Final = timedelta(hours=24)
"""So long an answer is kept."""


class GivenAnswer(models.Model):
    """Of a request that made something, under the key that came with it.

    `digest`: SHA-256 of what was asked. `code`: the answer's HTTP code; 0 while it is worked on. `body`: its JSON.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    code = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="given_answer_once")]

    def __str__(self) -> str:
        return self.key
