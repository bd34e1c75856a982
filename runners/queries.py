"""Reading the fleet."""

from typing import Any

from django.db.models import Count, Q

from runners.models import Runner
from runners.protocol.states import RunnerState
from teams.models import Team


def runners_for(team: Team) -> list[Runner]:
    """Runners that serve the team, by name: those of no team in particular, and its own."""
    served = Runner.objects.filter(removed_at=None).annotate(team_count=Count("teams"))
    return list(served.filter(Q(team_count=0) | Q(teams=team)).distinct().order_by("name"))


def told_jobs(runners: list[Runner], team: Team) -> dict[int, list[dict[str, Any]]]:
    """What each runner says that it runs, by its key. Of other teams' jobs only that there are some."""
    named = [job["job"] for runner in runners for job in runner.load.get("jobs", ()) if "job" in job]
    ours = Runner.objects.filter(jobs__public_id__in=named, jobs__sweep__team=team).values_list(
        "jobs__public_id", flat=True
    )
    known = set(ours)
    return {
        runner.pk: [
            job if job.get("job") in known else {"description": "another team's sweep"}
            for job in runner.load.get("jobs", ())
        ]
        for runner in runners
    }


def largest_runner(team: Team) -> Runner | None:
    """The one on which a trial can have most processes, of those that have ever said what they are."""
    known = [runner for runner in runners_for(team) if runner.facts]
    return max(known, key=lambda runner: runner.most_processes, default=None)


def runner_counts(team: Team) -> dict[str, int]:
    """`{"runners", "runners_online"}` of those that serve the team."""
    runners = runners_for(team)
    online = sum(runner.state == RunnerState.ONLINE.value for runner in runners)
    return {"runners": len(runners), "runners_online": online}
