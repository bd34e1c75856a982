"""Room on runners: which jobs hold it, and how much is free."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import Sum

from runners.models import Runner
from runners.protocol.states import JobState, RunnerState
from runners.queries import runners_for
from sweeps.models import Job
from teams.models import Team

LIVE: Final = (JobState.OFFERED.value, JobState.RUNNING.value)


def free_slots(runners: Iterable[Runner]) -> dict[int, int]:
    """Primary key → slots that no job holds. Below zero where a runner came back with fewer than its jobs hold."""
    free = {runner.pk: runner.slots_limited for runner in runners}
    live = Job.objects.filter(runner__in=free, state__in=LIVE).order_by()
    for pk, held in live.values_list("runner").annotate(Sum("slots")):
        free[pk] -= held
    return free


@dataclass(frozen=True)
class Fleet:
    """The runners that serve a team. `free`: primary key → slots that no job holds."""

    runners: list[Runner]
    free: dict[int, int]

    @property
    def online(self) -> list[Runner]:
        """Those that may be offered something."""
        return [runner for runner in self.runners if runner.state == RunnerState.ONLINE.value]

    def taken(self, runner: Runner) -> int:
        """Slots that jobs hold; of a runner that came back with fewer, all."""
        return min(runner.slots_limited, runner.slots_limited - self.free[runner.pk])


def fleet_of(team: Team) -> Fleet:
    """Two queries."""
    runners = runners_for(team)
    return Fleet(runners, free_slots(runners))
