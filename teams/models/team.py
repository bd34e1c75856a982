"""Teams and who belongs to them."""

from django.db import models
from django.db.models import ManyToManyField

from teams.ids import PublicIdModel
from teams.models.user import User


class Role(models.TextChoices):
    """From most to least: `owner` also deletes the team, `admin` manages, `member` makes sweeps, `viewer` looks."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


class Team(PublicIdModel):
    """`quota_bytes`: what its artifacts and logs may take; None: as the server's default says, 0: no bound."""

    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    # Not by `models`: for the type checker that is also the name of what leads from a team to its models.
    members = ManyToManyField(User, through="Membership", related_name="teams")
    quota_bytes = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Bytes of artifacts and logs. Empty: as HPWEB_TEAM_QUOTA_MB says; 0: no bound."
    )

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"
