"""Comparisons that somebody has kept by name."""

from django.db import models

from sweeps.models.marks import NOTE_LENGTH
from teams.ids import PublicIdModel
from teams.models import Team, User


class Comparison(PublicIdModel):
    """Trials side by side by name, for everybody of the team to look at. `query`: the address' own. `note`: Markdown.

    Trials may be deleted afterwards; then the comparison shows the others and says how many are gone.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="comparisons")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=100)
    note = models.TextField(blank=True, max_length=NOTE_LENGTH)
    query = models.TextField()
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="comparison_name_once")]

    def __str__(self) -> str:
        return self.name
