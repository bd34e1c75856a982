"""Room on runners: how much a sweep's job takes of one, and how much is free."""

from collections.abc import Iterable
from dataclasses import dataclass

from runners.models import Runner
from runners.protocol.room import slots_taken
from runners.protocol.states import JobState, RunnerState
from runners.queries import runners_for
from sweeps.models import Job, Sweep
from teams.models import Team

LIVE = (JobState.OFFERED.value, JobState.RUNNING.value)


def processes_of(sweep: Sweep) -> int:
    """Of one trial."""
    return int((sweep.spec or {}).get("processes") or 1)


def can(runner: Runner, sweep: Sweep) -> bool:
    """Whether the runner, were it idle, could take the sweep: it does its task, and has room for a trial's processes."""
    task = (sweep.spec or {}).get("task")
    return task in runner.facts.get("tasks", ()) and processes_of(sweep) <= runner.most_processes


def need(runner: Runner, sweep: Sweep) -> int:
    """How many slots a job of the sweep holds on this runner."""
    return slots_taken(processes_of(sweep), runner.slots)


def free_slots(runners: Iterable[Runner]) -> dict[int, int]:
    """Primary key → slots that no job holds. Below zero where a runner came back with fewer than its jobs hold."""
    free = {runner.pk: runner.slots for runner in runners}
    slots = dict(free)
    live = Job.objects.filter(runner__in=free, state__in=LIVE)
    for pk, processes in live.values_list("runner_id", "sweep__spec__processes"):
        free[pk] -= slots_taken(processes or 1, slots[pk])
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
        return min(runner.slots, runner.slots - self.free[runner.pk])


def fleet_of(team: Team) -> Fleet:
    """Two queries."""
    runners = runners_for(team)
    return Fleet(runners, free_slots(runners))
