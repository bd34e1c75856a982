"""The agent of a person's own script: what it is told at each heartbeat."""

import time
from typing import Any, Final

from runners.protocol.states import TrialState, Wanted
from sweeps.models import Job, Trial
from sweeps.services import scripts
from sweeps.wandb.answers import command
from sweeps.wandb.early import ends_early
from sweeps.wandb.names import PermitName
from sweeps.wandb.proposals import arguments_of, propose
from sweeps.wandb.runs import RUN, remember

GONE_S: Final = 20.0
"""An agent that no longer lists a run whose end has not come by then has lost it."""

Commands = list[dict[str, Any]]


def beat(job: Job, listed: set[str]) -> Commands:
    """One heartbeat. `job` is locked; `listed`: the runs that the agent has queued or at work."""
    if job.state != "running":
        return command("exit")
    if scripts.touch(job) is Wanted.CANCEL:
        scripts.close(job=job, message="The sweep was cancelled.")
        return command("exit")
    run: dict[str, Any] = job.facts.get(RUN) or {}
    if run:
        if run["name"] in listed:
            return _at_work(job, run)
        waiting = _not_listed(job, run)
        if waiting is not None:
            return waiting
    return _next(job)


def _at_work(job: Job, run: dict[str, Any]) -> Commands:
    scripts.hold_outcome(job=job)
    if not run.get("listed"):
        remember(job, {**run, "listed": True})
    if ends_early(job.sweep, run["number"]):
        remember(job, {**run, "listed": True, "stopped": True})
        return command("stop", run_id=run["name"])
    return []


def _not_listed(job: Job, run: dict[str, Any]) -> Commands | None:
    """The agent has a run that it does not list: it never heard of it, or has finished it. None: go on with another."""
    trial = Trial.objects.get(sweep=job.sweep, number=run["number"])
    begun = trial.state == TrialState.RUNNING.value
    if scripts.settle_outcome(job=job) or trial.state not in {"running", "waiting"}:
        remember(job, None)
        return None
    if begun:
        gone_at = run.get("gone_at") or time.time()
        if time.time() - gone_at < GONE_S:
            remember(job, {**run, "gone_at": gone_at})
            return []  # its last words are on their way
        state = "pruned" if run.get("stopped") else "fail"
        scripts.finish(job=job, trial=trial, state=state, message="The script left this trial without an end.")
    elif run.get("listed"):
        message = "The script's function ended without wandb.init, so nothing is known of this trial."
        scripts.finish(job=job, trial=trial, state="fail", message=message)
    else:
        return command("run", run_id=run["name"], args=arguments_of(job.sweep, trial.params or {}))
    remember(job, None)
    return None


def _next(job: Job) -> Commands:
    try:
        trial = scripts.next_trial(job=job, propose=propose)
    except scripts.Ended:
        scripts.close(job=job)
        return command("exit")
    if trial is None:
        return []
    name = str(PermitName(job.sweep.public_id, trial.number, trial.granted_attempt))
    remember(job, {"name": name, "number": trial.number, "lines": 0})
    return command("run", run_id=name, args=arguments_of(job.sweep, trial.params or {}))
