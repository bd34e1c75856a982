"""Why a queued sweep waits, in a sentence."""

from django.db.models import Count, Q

from runners.models import Runner
from runners.protocol.script import is_script
from runners.protocol.states import JobState, RunnerState
from runners.queries import runners_for
from sweeps.models import Job, Sweep

LIVE = [JobState.OFFERED.value, JobState.RUNNING.value]


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
        return "No runner is online. The sweep begins when one comes."
    task = (sweep.spec or {}).get("task")
    able = [runner for runner in online if task in runner.facts.get("tasks", ())]
    if not able:
        return f"No runner that is online can do {task}."
    return "" if _any_free(able) else _busy(able)


def _any_free(runners: list[Runner]) -> bool:
    taken = dict(
        Runner.objects.filter(pk__in=[runner.pk for runner in runners])
        .annotate(taken=Count("jobs", filter=Q(jobs__state__in=LIVE)))
        .values_list("pk", "taken")
    )
    return any(runner.slots > taken[runner.pk] for runner in runners)


def _busy(runners: list[Runner]) -> str:
    if len(runners) == 1:
        return f"Runner {runners[0].name} is busy with another sweep. This one is next in its turn."
    return f"All {len(runners)} runners are busy with other sweeps. This one is next in its turn."
