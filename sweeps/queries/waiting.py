"""Why a queued sweep waits, in a sentence."""

from runners.models import Runner
from runners.protocol.script import is_script
from runners.protocol.states import JobState, RunnerState
from runners.queries import runners_for
from sweeps.models import Job, Sweep
from sweeps.queries.room import can, free_slots, need, processes_of


def waiting_reason(sweep: Sweep) -> str:
    """What the sweep waits for; empty when nothing is known to be missing."""
    if is_script(sweep.spec):
        return "Waits for its script: trials begin when it connects again."
    offer = Job.objects.filter(sweep=sweep, state=JobState.OFFERED.value).select_related("runner").first()
    if offer is not None:
        return f"Offered to runner {offer.runner.name}." if offer.runner else "Offered to a runner."
    runners = runners_for(sweep.team)
    if not runners:
        return "No runner is registered for this team. An admin adds one on the runners page."
    online = [runner for runner in runners if runner.state == RunnerState.ONLINE.value]
    if not online:
        return _quarantined(runners) or "No runner is online. The sweep begins when one comes."
    task = (sweep.spec or {}).get("task")
    able = [runner for runner in online if task in runner.facts.get("tasks", ())]
    if not able:
        return f"No runner that is online can do {task}."
    roomy = [runner for runner in able if can(runner, sweep)]
    if not roomy:
        return _too_small(able, processes_of(sweep))
    free = free_slots(roomy)
    if any(free[runner.pk] >= need(runner, sweep) for runner in roomy):
        return ""
    return _busy(roomy, min(need(runner, sweep) for runner in roomy))


def _quarantined(runners: list[Runner]) -> str:
    """Where no runner is online since those that could be were taken out."""
    out = [runner for runner in runners if runner.state == RunnerState.QUARANTINED.value]
    if not out:
        return ""
    names = ", ".join(runner.name for runner in out)
    are = "Runner {} is" if len(out) == 1 else "Runners {} are"
    return (
        f"{are.format(names)} quarantined ({out[0].quarantine_reason.rstrip('.')}), and no other is online. An admin "
        "mends the machine and lets it take part again on the runners page."
    )


def _too_small(runners: list[Runner], processes: int) -> str:
    largest = max(runners, key=lambda runner: runner.most_processes)
    return (
        f"A trial has {processes} processes, and no runner that is online has room for as many: the most is "
        f"{largest.most_processes}, on {largest.name}. Clone the sweep with fewer processes, or start a runner with "
        f"HPWEB_RUNNER_SLOTS={processes} (on GPUs: with {processes} of them)."
    )


def _busy(runners: list[Runner], slots: int) -> str:
    many = f" A trial needs {slots} slots of one runner; those that become free are kept for it." if slots > 1 else ""
    if len(runners) == 1:
        return f"Runner {runners[0].name} is busy with another sweep. This one is next in its turn.{many}"
    return f"All {len(runners)} runners are busy with other sweeps. This one is next in its turn.{many}"
