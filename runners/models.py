"""The fleet: registered machines that may execute sweeps."""

import hashlib
import secrets
from typing import Any, Final

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone

from runners.protocol.room import HOME_WARNS, most_processes
from runners.protocol.runner import queue_name
from runners.protocol.states import RunnerState
from teams.ids import PublicIdModel
from teams.models import Team, User

TOKEN_PREFIX: Final = "hpr_"  # noqa: S105  a prefix that tells people what it is, no secret


def hash_token(token: str) -> str:
    """SHA-256 is enough here: a token is 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


class Runner(PublicIdModel):
    """A machine with a token.

    `state` is what was asked for (online, draining, paused, quarantined) as last known; whether it is reachable follows
    from `last_seen` and is written by the server's timer (`offline`). `facts` is the last `Hello`, `load` the last
    `Heartbeat`, both as JSON of the protocol.

    `failures`: the infrastructure failures since its last success, oldest first, see `sweeps.services.breaker`.
    `quarantined_at` and `quarantine_reason`: since when and why it was taken out by itself. `half_open`: an admin let it
    take part again, and one more failure takes it out.

    `labels`: words that a sweep may ask for. `slots_limit`: how many of its slots may be used; None is all. `leave`: while
    it drains or is paused, whether its trials `finish` or leave at a `checkpoint`. `refusal`: why it was turned away when
    it said hello last; empty when it was not. `removed_at`: it is kept for what it did, and shown nowhere.
    """

    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in RunnerState], default=RunnerState.OFFLINE.value
    )
    teams = models.ManyToManyField(Team, blank=True, related_name="runners", help_text="Teams served; none means all.")
    instance = models.CharField(max_length=32, blank=True)
    slots = models.PositiveIntegerField(default=1)
    facts = models.JSONField(default=dict, blank=True)
    load = models.JSONField(default=dict, blank=True)
    failures = models.JSONField(default=list, blank=True)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantine_reason = models.TextField(blank=True)
    half_open = models.BooleanField(default=False)
    labels = models.JSONField(default=list, blank=True)
    slots_limit = models.PositiveIntegerField(
        null=True, blank=True, help_text="How many of its slots may be used. Empty: all."
    )
    leave = models.CharField(
        max_length=10, choices=[(one, one) for one in ("", "finish", "checkpoint")], default="", blank=True
    )
    refusal = models.TextField(blank=True)
    token_made_at = models.DateTimeField(null=True, blank=True)
    token_revoked_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            # A removed runner's name may be given again.
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(removed_at=None),
                name="runner_name_once",
                violation_error_message="A runner with this name exists.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def slots_limited(self) -> int:
        """How many of its slots may be used."""
        return self.slots if self.slots_limit is None else min(self.slots, self.slots_limit)

    @property
    def queue(self) -> str:
        return queue_name(self.public_id)

    @property
    def slots_held(self) -> int:
        """By its jobs, as it said last."""
        return sum(job.get("slots", 1) for job in self.load.get("jobs", ()))

    @property
    def most_processes(self) -> int:
        """That a trial can have here."""
        return most_processes(self.slots, len(self.facts.get("accelerators", ())))

    @property
    def home_warning(self) -> str:
        """What to say of a home that is nearly full, or fuller than it may be; empty where it is neither."""
        home = self.load.get("home") or {}
        used, limit = home.get("used", 0), home.get("limit", 0)
        if not limit or used < HOME_WARNS * limit:
            return ""
        whose = "Its home is over its limit" if used > limit else "Its home is nearly full"
        return (
            f"{whose}, and nothing is left there that could be fetched again. Jobs and checkpoints hold it: end or delete "
            "paused sweeps, or raise HPWEB_RUNNER_HOME_MB."
        )

    def new_token(self) -> str:
        """Make a new token, which replaces the old one when saved, and return it: it can't be read again."""
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        self.token_hash = hash_token(token)
        self.token_made_at, self.token_revoked_at = timezone.now(), None
        return token

    def revoke_token(self) -> None:
        """No token is the runner's any more once this is saved."""
        self.token_hash = hash_token(secrets.token_urlsafe(32))
        self.token_revoked_at = timezone.now()


class Quota(models.Model):
    """What a team may use of the fleet's GPUs; empty is no bound. GPU-hours are counted from the month's first day, UTC."""

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="gpu_quota")
    gpus = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0)], help_text="GPUs at once.")
    gpu_hours = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0)], help_text="GPU-hours in a month."
    )

    def __str__(self) -> str:
        return f"GPU quota of {self.team}"


class RunnerSample(models.Model):
    """A heartbeat's measurements, see `runners.samples`.

    `cpu_percent`: 0 to 100, `memory_used`: bytes, both of the machine. `accelerators`: `[[index, utilisation in percent,
    bytes of memory, power in watts, temperature in °C], …]`, null where it could not be read.
    """

    runner = models.ForeignKey(Runner, on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    cpu_percent = models.FloatField()
    memory_used = models.PositiveBigIntegerField()
    accelerators = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("at", "pk")
        indexes = (models.Index(fields=["runner", "at"]), models.Index(fields=["at"]))

    def __str__(self) -> str:
        return f"{self.runner} at {self.at:%Y-%m-%d %H:%M:%S}"


class RunnerAct(models.Model):
    """What was done to a runner: `quarantined`, `released`, or `state` in the administration.

    `user` None: the server did it by itself. `detail`: `{"reason"}`, or `{"before", "after"}` of a state.
    """

    runner = models.ForeignKey(Runner, on_delete=models.CASCADE, related_name="acts")
    at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=20)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.says

    @property
    def says(self) -> str:
        """The act in a sentence."""
        reason = self.detail.get("reason", "")
        match self.verb:
            case "quarantined":
                return f"Taken out. {reason}"
            case "released":
                return f"Takes part again. {reason}" if reason else "Takes part again: one more failure takes it out."
            case "serves":
                return f"Serves {self.detail.get('after')}, before {self.detail.get('before')}."
            case "edited":
                return _edited(self.detail.get("before", {}), self.detail.get("after", {}))
            case "draining" if self.detail.get("leave") == "checkpoint":
                return "Drains: its trials leave at their next checkpoint, and its sweeps go elsewhere."
            case verb if verb in _SAYS:
                return _SAYS[verb]
            case _:
                return f"State from {self.detail.get('before')} to {self.detail.get('after')}"


_SAYS: Final = {
    "registered": "Registered.",
    "token": "It has a new token; the old one works no more.",
    "revoked": "Its token was revoked.",
    "paused": "Paused: it gets nothing new.",
    "draining": "Drains: its trials finish, and its sweeps go elsewhere.",
    "resumed": "Takes part again.",
    "removed": "Removed.",
    "job killed": "A job of it was ended.",
    "offer moved": "A waiting job was offered to it instead of another.",
}


def _edited(before: dict[str, Any], after: dict[str, Any]) -> str:
    said = []
    if before.get("labels") != after.get("labels"):
        said.append(f"Labels: {', '.join(after.get('labels') or ()) or 'none'}.")
    if before.get("slots_limit") != after.get("slots_limit"):
        limit = after.get("slots_limit")
        said.append("All of its slots may be used." if limit is None else f"{limit} of its slots may be used.")
    return " ".join(said)
