"""A sweep with everything that belongs to it, read once."""

from dataclasses import dataclass
from typing import Any

from sweeps.models import Attempt, Job, Sweep, Trial

Key = tuple[int, int]
"""An attempt: its trial's number and its index."""


@dataclass(frozen=True)
class Record:
    """`attempts`: trial's pk → its attempts by index. `jobs`: pk → job."""

    sweep: Sweep
    trials: list[Trial]
    attempts: dict[int, list[Attempt]]
    jobs: dict[int, Job]

    @property
    def spec(self) -> dict[str, Any]:
        return self.sweep.spec or {}

    def at(self, trial: Trial | None = None, attempt: Attempt | None = None) -> str:
        """Where something is, for people."""
        place = f"sweep {self.sweep.public_id}"
        if trial is not None:
            place += f" trial {trial.number}"
        return place if attempt is None else f"{place} attempt {attempt.index}"


def read(sweep: Sweep) -> Record:
    """Four queries."""
    trials = list(Trial.objects.filter(sweep=sweep).order_by("number"))
    attempts: dict[int, list[Attempt]] = {}
    for attempt in Attempt.objects.filter(trial__sweep=sweep).order_by("trial", "index"):
        attempts.setdefault(attempt.trial_id, []).append(attempt)
    jobs = {job.pk: job for job in Job.objects.filter(sweep=sweep)}
    return Record(sweep, trials, attempts, jobs)
