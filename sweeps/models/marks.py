"""What people write beside sweeps and trials, and how they like to see the table of trials."""

from django.db import models
from django.db.models import Q

from sweeps.models.sweep import Sweep
from sweeps.models.trial import Trial
from teams.ids import PublicIdModel
from teams.models import Team, User

TAG_LENGTH = 50
NOTE_LENGTH = 20_000


class SweepTag(models.Model):
    """A word beside a sweep, for the whole team. `user` and `at`: who put it there, when."""

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=TAG_LENGTH)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["sweep", "name"], name="sweep_tag_once")]

    def __str__(self) -> str:
        return self.name


class TrialTag(models.Model):
    """A word beside a trial, for the whole team. `user` and `at`: who put it there, when."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=TAG_LENGTH)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["trial", "name"], name="trial_tag_once")]

    def __str__(self) -> str:
        return self.name


class TrialStar(models.Model):
    """The team's star at a trial: it is there or not. `user` and `at`: who gave it, when."""

    trial = models.OneToOneField(Trial, models.CASCADE, related_name="star")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"star of {self.trial}"


class TrialNote(models.Model):
    """One writing of a trial's note, Markdown. The newest is the note, the others its history; empty: taken away."""

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="notes")
    text = models.TextField(blank=True, max_length=NOTE_LENGTH)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"note at {self.trial}"


class SavedView(PublicIdModel):
    """A look at the table of trials by name: filter, order and columns, for one person or (`shared`) for the team.

    A view fits every sweep of the team. Columns that a sweep has not are left out there.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="views")
    user = models.ForeignKey(User, models.CASCADE, related_name="views")
    shared = models.BooleanField(default=False)
    name = models.CharField(max_length=100)
    q = models.CharField(max_length=4000, blank=True)
    sort = models.CharField(max_length=300, blank=True)
    columns = models.JSONField(default=list, blank=True)
    pin = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], condition=Q(shared=True), name="view_of_team_once"),
            models.UniqueConstraint(
                fields=["team", "user", "name"], condition=Q(shared=False), name="view_of_person_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChosenColumns(models.Model):
    """Which columns a person wants to see of a sweep, in this order, the first `pin` of them always in view."""

    user = models.ForeignKey(User, models.CASCADE, related_name="chosen_columns")
    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="+")
    columns = models.JSONField(default=list)
    pin = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sweep"], name="columns_once")]

    def __str__(self) -> str:
        return f"columns of {self.user} for {self.sweep}"
