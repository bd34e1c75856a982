"""SigOpt's JSON objects, as its client reads them. A field that it can do without is left out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sweeps.models import Attempt, Sweep
from sweeps.services.figures import number_of
from sweeps.sigopt.operations_progress import ACTIVE, FINISHED, count, remaining_budget
from sweeps.sigopt.operations_runs import VALUES
from sweeps.wandb.names import PermitName
from teams.models import Team

_STATES: Final = {"running": "active", "complete": "completed"}
"""Every other state of an attempt is a failure to the client."""
_KEPT: Final = ("parameters", "conditionals", "metrics", "parallel_bandwidth", "budget", "metadata", "num_solutions")


def project_answer(team: Team, name: str) -> dict[str, Any]:
    """hpweb has no projects; the client does not create one, so each is there when it is asked for."""
    return {"object": "project", "id": name, "name": name, "client": team.public_id}


def experiment_answer(sweep: Sweep) -> dict[str, Any]:
    """The definition as it came, with how far it is."""
    definition: Mapping[str, Any] = (sweep.spec or {}).get("definition", {})
    active, finished = count(sweep, ACTIVE), count(sweep, FINISHED)
    return {
        "object": "aiexperiment",
        "id": sweep.public_id,
        "name": sweep.name,
        "client": sweep.team.public_id,
        "project": definition.get("project"),
        "state": "active",
        "created": _seconds(sweep.created_at),
        **{name: definition[name] for name in _KEPT if name in definition},
        "progress": {
            "object": "progress",
            "remaining_budget": remaining_budget(sweep),
            "active_run_count": active,
            "finished_run_count": finished,
            "total_run_count": active + finished,
        },
    }


def run_answer(attempt: Attempt) -> dict[str, Any]:
    """A training run; its id names the trial and its attempt."""
    trial, sweep = attempt.trial, attempt.trial.sweep
    state = _STATES.get(attempt.state, "failed")
    return {
        "object": "training_run",
        "id": str(PermitName(sweep.public_id, trial.number, attempt.index)),
        "name": f"trial {trial.number}",
        "client": sweep.team.public_id,
        "project": (sweep.spec or {}).get("definition", {}).get("project"),
        "experiment": sweep.public_id,
        "state": state,
        "finished": state != "active",
        "assignments": trial.params or {},
        "values": {name: {"name": name, "value": value} for name, value in _measured(attempt).items()},
    }


def page_answer(runs: Sequence[Attempt]) -> dict[str, Any]:
    """All of them on one page."""
    data = [run_answer(run) for run in runs]
    return {"object": "pagination", "data": data, "count": len(data), "paging": {"before": None, "after": None}}


def _measured(attempt: Attempt) -> dict[str, float]:
    """What was told so far; of a complete trial its objectives."""
    if attempt.state == "running":
        told: dict[str, float] = attempt.job.facts.get(VALUES, {}).get(str(attempt.trial.number), {})
        return told
    named = [objective["metric"] for objective in (attempt.trial.sweep.spec or {}).get("objectives", ())]
    return {name: number_of(value) for name, value in zip(named, attempt.values, strict=False)}


def _seconds(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
