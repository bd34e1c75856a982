"""Trials of two sweeps that differ in what one asks for."""

from typing import Any

from sweeps.models import Attempt, Job, Sweep, Trial
from sweeps.queries.compare.trials import Compared, compared
from teams.models import Team
from tests.factories import make_runner
from tests.sweeps.queries.table.world import add_trial
from tests.sweeps.talk import queued_sweep

FACTS: dict[str, Any] = {
    "device": "NVIDIA H100 (GPU 0)",
    "versions": {"torch": "2.13.0", "transformers": "5.23.0", "optuna": "5.0.0"},
}


def add_ran(sweep: Sweep, number: int, facts: dict[str, Any] | None = None, **given: Any) -> Trial:
    """A trial with an attempt on a runner."""
    trial = add_trial(sweep, number, **{"seed": 42, "duration_s": 10.0, **given})
    job = Job.objects.create(sweep=sweep, runner=make_runner()[0], state="done", facts={**FACTS, **(facts or {})})
    Attempt.objects.create(trial=trial, index=1, job=job, state="complete", started_t=0.0)
    return trial


def side_by_side(*trials: Trial) -> list[Compared]:
    """As a page has them: trials of one sweep share its object."""
    sweeps = {trial.sweep_id: trial.sweep for trial in trials}
    for trial in trials:
        trial.sweep = sweeps[trial.sweep_id]
    return compared(trials)


def plain_sweep(team: Team, **changes: Any) -> Sweep:
    return queued_sweep(team, **changes)
