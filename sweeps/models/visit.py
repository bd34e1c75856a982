"""When a person last looked at a team's first page."""

from django.db import models

from teams.models import Team, User


class HomeVisit(models.Model):
    """`looked_at`: the last look. `since`: the last look of the visit before, or when the person marked all as seen."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    looked_at = models.DateTimeField()
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "team"], name="home_visit_once")]

    def __str__(self) -> str:
        return f"visit of {self.user} at {self.team}"
