"""Reading the fleet."""

from django.db.models import Count, Q

from runners.models import Runner
from runners.protocol.states import RunnerState
from teams.models import Team


def runners_for(team: Team) -> list[Runner]:
    """Runners that serve the team, by name: those of no team in particular, and its own."""
    served = Runner.objects.annotate(team_count=Count("teams"))
    return list(served.filter(Q(team_count=0) | Q(teams=team)).distinct().order_by("name"))


def largest_runner(team: Team) -> Runner | None:
    """The one on which a trial can have most processes, of those that have ever said what they are."""
    known = [runner for runner in runners_for(team) if runner.facts]
    return max(known, key=lambda runner: runner.most_processes, default=None)


def runner_counts(team: Team) -> dict[str, int]:
    """`{"runners", "runners_online"}` of those that serve the team."""
    runners = runners_for(team)
    online = sum(runner.state == RunnerState.ONLINE.value for runner in runners)
    return {"runners": len(runners), "runners_online": online}
