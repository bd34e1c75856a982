"""Why a queued sweep waits, in a sentence."""

from collections.abc import Sequence
from typing import Final

from runners.models import Runner
from runners.protocol.script import is_script
from runners.protocol.states import JobState, RunnerState
from sweeps.models import Job, Sweep
from sweeps.queries.room import Fleet, can, fleet_of, need, processes_of

SCRIPT: Final = "Waits for its script: trials begin when it connects again."


def waiting_reason(sweep: Sweep) -> str:
    """What the sweep waits for; empty when nothing is known to be missing."""
    return waiting_reasons([sweep])[sweep.pk]


def waiting_reasons(sweeps: Sequence[Sweep], fleet: Fleet | None = None) -> dict[int, str]:
    """Primary key → what the sweep waits for. The sweeps are of one team. As many queries for many as for one.

    `fleet`: the team's, where it is read already.
    """
    reasons = {sweep.pk: SCRIPT for sweep in sweeps if is_script(sweep.spec)}
    others = [sweep for sweep in sweeps if sweep.pk not in reasons]
    if not others:
        return reasons
    offers = Job.objects.filter(sweep__in=others, state=JobState.OFFERED.value).select_related("runner")
    for offer in offers.order_by("-offered_at", "-pk"):
        reasons[offer.sweep_id] = f"Offered to runner {offer.runner.name}." if offer.runner else "Offered to a runner."
    left = [sweep for sweep in others if sweep.pk not in reasons]
    if left:
        known = fleet or fleet_of(left[0].team)
        reasons.update({sweep.pk: _reason(sweep, known) for sweep in left})
    return reasons


def _reason(sweep: Sweep, fleet: Fleet) -> str:
    runners = fleet.runners
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
    if any(fleet.free[runner.pk] >= need(runner, sweep) for runner in roomy):
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
