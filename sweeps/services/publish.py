"""Gathering what a transaction changes on a sweep's page, and telling it once it is committed."""

from dataclasses import dataclass, field

from django.db import transaction

from sweeps import broadcast
from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.rows import trial_row
from sweeps.queries.shapes import LogLine, Points, SweepState
from sweeps.queries.snapshot import fresh_sweep
from sweeps.queries.state import sweep_state


@dataclass
class Change:
    """What one transaction changes. Its sweep's row must be locked.

    `state`: the head of the page changed. `trials`: number → trial with its newest attempt.
    """

    sweep: Sweep
    state: bool = False
    trials: dict[int, tuple[Trial, Attempt | None]] = field(default_factory=dict)
    points: list[Points] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)

    def trial(self, trial: Trial, attempt: Attempt | None) -> None:
        """The trial's row changed, and with it the counts above the table."""
        self.trials[trial.number] = (trial, attempt)
        self.state = True

    def publish(self) -> None:
        """Raise the position and, on commit, tell the pages. Call last: everything else must be saved.

        Nothing happens when nothing changed.
        """
        if not (self.state or self.trials or self.points or self.logs):
            return
        sweep, before = self.sweep, self.sweep.position
        sweep.position = before + 1
        sweep.save(update_fields=["position"])
        state = self._state() if self.state else None
        rows = [trial_row(trial, attempt) for trial, attempt in self.trials.values() if trial.params is not None]
        transaction.on_commit(
            lambda: broadcast.changes(
                sweep, before=before, state=state, trials=rows, points=self.points, logs=self.logs
            )
        )

    def _state(self) -> SweepState:
        return sweep_state(fresh_sweep(self.sweep.pk))
