"""One runner's lease on one sweep."""

from django.db import models

from runners.models import Runner
from runners.protocol.states import JobState
from sweeps.models.sweep import Sweep
from teams.ids import PublicIdModel


class Job(PublicIdModel):
    """`acked_seq`: everything up to it is committed. `lease_until`: when it is given up unless renewed.

    `space_version`: of the space that its claim was told. `slots`: of the runner's, that it holds; `gpus`: the share of the
    runner's GPUs that it keeps from others.
    """

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="jobs")
    runner = models.ForeignKey(Runner, models.SET_NULL, null=True, related_name="jobs")
    source = models.CharField(max_length=10, choices=[("runner", "runner"), ("script", "script")], default="runner")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in JobState], default=JobState.OFFERED.value
    )
    claim_id = models.CharField(max_length=32, blank=True)
    instance = models.CharField(max_length=32, blank=True)
    acked_seq = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    space_version = models.PositiveIntegerField(default=1)
    slots = models.PositiveIntegerField(default=1)
    gpus = models.FloatField(default=0.0)
    facts = models.JSONField(default=dict, blank=True, help_text="Versions, device, preparation, as the runner told.")
    failure_code = models.CharField(max_length=30, blank=True)
    failure_message = models.TextField(blank=True)
    offered_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["offered_at", "pk"]
        indexes = [
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["runner", "state"]),
            # What was held of late is looked up by its end.
            models.Index(fields=["finished_at"]),
        ]

    def __str__(self) -> str:
        return f"job {self.public_id} on {self.sweep}"
