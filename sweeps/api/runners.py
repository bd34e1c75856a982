"""The machines that may run the team's sweeps, for programs."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.models import Runner
from runners.protocol.states import JobState
from runners.quarantine import may_manage, release
from runners.queries import runners_for
from sweeps.api.shared import chosen_fields
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.requests import person
from sweeps.models import Job
from sweeps.queries.rows import iso
from teams.models import Scope
from teams.reach import teams_of


class ShownRunner(TypedDict):
    """`sweeps`: ids of those that it runs now, of the teams that you can reach. `memory_total`: bytes. `leave`: how trials
    end on a draining one. `checks`: what it found out about itself at its start.
    """

    id: str
    name: str
    state: str
    hostname: str
    slots: int
    slots_held: int
    cpu_count: int
    memory_total: int
    accelerators: list[dict[str, Any]]
    tasks: list[str]
    versions: dict[str, str]
    sweeps: list[str]
    quarantine_reason: str
    labels: list[str]
    slots_limit: int | None
    leave: str
    checks: list[dict[str, Any]]
    last_seen: str | None


class RunnerList(TypedDict):
    runners: list[ShownRunner]


class RunnersView(TaggedView):
    """GET: the runners that serve the user's teams, by name."""

    gives: dict[str, Any] = {"GET": RunnerList}
    asks = chosen_fields.ASKS

    def get(self, request: Request) -> Response:
        return Response(
            {"runners": chosen_fields.choose(request, shown_runners(request, _reachable(request)), ShownRunner)}
        )


class RunnerView(TaggedView):
    """GET: a runner."""

    gives = {"GET": ShownRunner}
    asks = chosen_fields.ASKS

    def get(self, request: Request, public_id: str) -> Response:
        [shown] = shown_runners(request, [one_runner(request, public_id)])
        return Response(chosen_fields.choose_one(request, shown, ShownRunner))


class ReleaseView(APIView):
    """POST: let a quarantined runner take part again; one more failure takes it out. For those who manage a team of it."""

    scope = Scope.ADMIN
    gives = {"POST": ShownRunner}

    def post(self, request: Request, public_id: str) -> Response:
        runner = one_runner(request, public_id)
        if not may_manage(person(request), runner):
            raise PermissionDenied("Only an owner or admin of the team may let a runner take part again.")
        release(runner, half_open=True, user=person(request))
        [shown] = shown_runners(request, [one_runner(request, public_id)])
        return Response(shown)


def _reachable(request: Request) -> list[Runner]:
    found = {runner.pk: runner for team in teams_of(request.user) for runner in runners_for(team)}
    return sorted(found.values(), key=lambda runner: runner.name)


def one_runner(request: Request, public_id: str) -> Runner:
    """The runner, or Http404 for who can't reach it."""
    runner = next((each for each in _reachable(request) if each.public_id == public_id), None)
    if runner is None:
        raise Http404
    return runner


def shown_runners(request: Request, runners: Iterable[Runner]) -> list[ShownRunner]:
    """One query more, for what they run."""
    listed = list(runners)
    jobs = Job.objects.filter(
        runner__in=listed, state=JobState.RUNNING.value, sweep__team__in=teams_of(request.user)
    ).values_list("runner", "sweep__public_id")
    running: dict[int, list[str]] = {}
    for runner, sweep in jobs.order_by("pk"):
        if runner is not None:
            running.setdefault(runner, []).append(sweep)
    return [_told(runner, running.get(runner.pk, [])) for runner in listed]


def _told(runner: Runner, sweeps: list[str]) -> ShownRunner:
    facts = runner.facts
    return {
        "id": runner.public_id,
        "name": runner.name,
        "state": runner.state,
        "hostname": str(facts.get("hostname", "")),
        "slots": runner.slots,
        "slots_held": runner.slots_held,
        "cpu_count": int(facts.get("cpu_count", 0)),
        "memory_total": int(facts.get("memory_total", 0)),
        "accelerators": list(facts.get("accelerators", ())),
        "tasks": list(facts.get("tasks", ())),
        "versions": dict(facts.get("versions", {})),
        "sweeps": sweeps,
        "quarantine_reason": runner.quarantine_reason,
        "labels": runner.labels,
        "slots_limit": runner.slots_limit,
        "leave": runner.leave,
        "checks": list(facts.get("checks", ())),
        "last_seen": iso(runner.last_seen),
    }
