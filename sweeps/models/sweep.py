"""The sweep: a durable request and its record."""

from django.db import models

from runners.protocol.states import COUNTED_TRIAL, SweepState, Wanted
from sweeps.models.artifact import StoredFolder
from sweeps.models.library import DatasetVersion, Model, SearchSpace
from teams.ids import PublicIdModel
from teams.models import Team, User


class Sweep(PublicIdModel):
    """A request with a frozen spec, a state and its trials.

    `space_version` counts the amendments of the space, see `SpaceVersion`; the spec holds the newest.

    `confirms`: the sweep whose best trials this one repeats with further seeds.

    `draft`: what the form holds before the start, JSON. `spec`: the protocol's `SweepSpec`, frozen at the start.
    `n_trials` and `timeout_s` repeat the budget, since it may be amended while the spec stays. `position` grows by one
    with every transaction that changes what the sweep's page shows; the browser orders messages by it.

    `requirements`: what it needs of a runner, `sweeps.validation.requirements.Requirements` as JSON; it decides where the
    sweep is done, never what comes out, so it is no part of the spec.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="sweeps")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="sweeps")
    cloned_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="clones")
    confirms = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="confirmations")
    model = models.ForeignKey(Model, models.SET_NULL, null=True, blank=True, related_name="sweeps")
    dataset_version = models.ForeignKey(DatasetVersion, models.SET_NULL, null=True, blank=True, related_name="sweeps")
    space = models.ForeignKey(SearchSpace, models.SET_NULL, null=True, blank=True, related_name="sweeps")

    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in SweepState], default=SweepState.DRAFT.value
    )
    wanted = models.CharField(max_length=8, choices=[(w.value, w.value) for w in Wanted], default=Wanted.RUN.value)
    draft = models.JSONField(default=dict, blank=True)
    spec = models.JSONField(null=True, blank=True)
    n_trials = models.PositiveIntegerField(default=0)
    timeout_s = models.FloatField(null=True, blank=True)
    priority = models.IntegerField(default=0)
    requirements = models.JSONField(default=dict, blank=True)
    space_version = models.PositiveIntegerField(default=1)
    position = models.PositiveBigIntegerField(default=0)

    failure_code = models.CharField(max_length=30, blank=True)
    failure_message = models.TextField(blank=True)
    failure_field = models.CharField(max_length=200, blank=True)
    best_trial = models.ForeignKey("sweeps.Trial", models.SET_NULL, null=True, blank=True, related_name="+")
    model_trial = models.ForeignKey("sweeps.Trial", models.SET_NULL, null=True, blank=True, related_name="+")
    model_folder = models.ForeignKey(StoredFolder, models.SET_NULL, null=True, blank=True, related_name="+")

    created_at = models.DateTimeField(auto_now_add=True)
    queued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "-priority", "queued_at"]),
            models.Index(fields=["team", "-created_at"]),
        ]

    def __str__(self) -> str:
        return self.name

    def counted(self) -> int:
        """How many trials count towards `n_trials`."""
        return self.trials.filter(state__in=[state.value for state in COUNTED_TRIAL]).count()


class SpaceVersion(models.Model):
    """One version of a sweep's space, from 1. `space`: the protocol's `SearchSpace`. Written at the first amendment."""

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="space_versions")
    version = models.PositiveIntegerField()
    space = models.JSONField()
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["sweep", "version"], name="space_version_once")]

    def __str__(self) -> str:
        return f"space {self.version} of {self.sweep}"


class SweepAct(models.Model):
    """What a person, or the server, did to a sweep: its timeline."""

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="acts")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=30)
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.sweep}"
