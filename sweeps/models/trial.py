"""Trials and their attempts."""

from django.db import models

from runners.protocol.states import AttemptState, TrialState
from sweeps.models.job import Job
from sweeps.models.sweep import Sweep
from teams.models import User


class Outcome(models.Model):
    """What an attempt, and the trial that it counts for, ended with.

    `values`: one number (or "nan", "inf", "-inf") per objective. `intermediate`: `[[step, epoch, value], …]`.
    `changes`: what population-based training changed on the way, `[{"step", "params", "copied"}, …]`.
    `last` and `best`: metric name → number, the last logged and the best by the metric's own direction.
    """

    values = models.JSONField(default=list, blank=True)
    intermediate = models.JSONField(default=list, blank=True)
    changes = models.JSONField(default=list, blank=True)
    last = models.JSONField(default=dict, blank=True)
    best = models.JSONField(default=dict, blank=True)
    timings = models.JSONField(default=dict, blank=True)
    duration_s = models.FloatField(null=True, blank=True)
    failure_code = models.CharField(max_length=30, blank=True)
    failure_message = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Trial(Outcome):
    """One assignment of parameters and its outcome: that of the attempt that counts.

    A trial is made when a permit is given. `granted_to` is the job that holds the permit, from the grant until the
    attempt ends or the permit comes back; `granted_attempt` is the attempt's index. `value` repeats the first of
    `values` when it is finite, for sorting. `order`: what a person wants of its running attempt; `stopped`: it ended so.
    `space_version`: of the space it was drawn from. `origin`: who chose its parameters, the backend or a person
    (`made_by`), who may have repeated an earlier one (`retry_of`). `repeats`: the trial of another sweep that it confirms.
    """

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in TrialState], default=TrialState.WAITING.value
    )
    params = models.JSONField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    seed = models.PositiveBigIntegerField(null=True, blank=True)
    optuna_number = models.PositiveIntegerField(null=True, blank=True)
    granted_to = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="granted")
    granted_attempt = models.PositiveIntegerField(default=0)
    finished_order = models.PositiveIntegerField(null=True, blank=True)
    space_version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=10, choices=[(o, o) for o in ("drawn", "enqueued", "retry")], default="drawn")
    repeats = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="repeated")
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="retries")
    order = models.CharField(
        max_length=10, choices=[(o, o) for o in ("", "stop", "prune", "checkpoint")], default="", blank=True
    )
    stopped = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["sweep", "number"], name="trial_number_once")]
        # The last two let the list of sweeps draw its lines from the index alone.
        indexes = [models.Index(fields=["sweep", "state", "number", "value"])]

    def __str__(self) -> str:
        return f"trial {self.number} of {self.sweep}"


class Attempt(Outcome):
    """One try at a trial by one job. Events and curves belong to it.

    `resumed_from`: the index of the attempt whose checkpoint, at `resumed_step`, it goes on from. `checkpoint_step`: of
    its own newest checkpoint. `note`: what is to be said of its start.
    """

    trial = models.ForeignKey(Trial, models.CASCADE, related_name="attempts")
    index = models.PositiveIntegerField()
    job = models.ForeignKey(Job, models.CASCADE, related_name="attempts")
    child = models.CharField(max_length=50, blank=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in AttemptState], default=AttemptState.RUNNING.value
    )
    optuna_number = models.PositiveIntegerField(null=True, blank=True)
    resumed_from = models.PositiveIntegerField(null=True, blank=True)
    resumed_step = models.PositiveIntegerField(null=True, blank=True)
    checkpoint_step = models.PositiveIntegerField(null=True, blank=True)
    checkpoint_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    started_t = models.FloatField(help_text="Seconds on the job's monotonic clock.")

    class Meta:
        ordering = ["trial", "index"]
        constraints = [models.UniqueConstraint(fields=["trial", "index"], name="attempt_index_once")]

    def __str__(self) -> str:
        return f"attempt {self.index} at {self.trial}"
