"""Registering and steering runners, for programs of those who manage them. Tokens of the scope admin."""

from typing import Annotated, Final, Literal

from django.core.exceptions import PermissionDenied
from django.http import Http404
from pydantic import Field, StringConstraints
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners import steering
from runners.models import Runner
from runners.protocol.base import Message, PublicId
from runners.quarantine import may_manage
from sweeps.api.bodies import Conflict, Refusals, read
from sweeps.api.runners import RunnerList, RunnersView, RunnerView, ShownRunner, one_runner, shown_runners
from sweeps.api.shared.requests import membership_of, person
from sweeps.models import Job
from sweeps.services.fleet_jobs import kill_job, move_offer
from sweeps.validation.problems import Invalid, Problem
from teams.access import REFUSALS, Right, may_in, require
from teams.models import Scope
from teams.reach import teams_of

MOST: Final = 500
NOT_ALONE: Final = (
    "Only who manages every team that the runner serves, or an administrator of this server, may do this."
)
Label = Annotated[str, StringConstraints(max_length=100)]


class NewRunner(Message):
    """`everybody`: it serves all teams, which administrators of the server decide; else the current team."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    labels: tuple[Label, ...] = ()
    everybody: bool = False


class MadeRunner(TypedDict):
    """`token`: told this once."""

    runner: ShownRunner
    token: str


class Drain(Message):
    """`leave`: running trials finish, or leave at their next checkpoint."""

    leave: Literal["finish", "checkpoint"] = "finish"


class Edit(Message):
    """What is to change. `slots_limit`: null is no limit."""

    labels: tuple[Label, ...] | None = None
    slots_limit: Annotated[int, Field(ge=0, le=steering.MOST_SLOTS)] | None = -1


class BulkActs(Message):
    verb: Literal["pause", "drain", "drain-checkpoint", "resume", "release"]
    ids: Annotated[tuple[PublicId, ...], Field(min_length=1, max_length=MOST)]


class BulkReport(TypedDict):
    """`refused`: id → why."""

    done: list[str]
    refused: dict[str, str]


class Move(Message):
    """`to`: the id of the other runner."""

    to: PublicId


class ShownJob(TypedDict):
    """`runner`: the id of the one that has it, or that it is offered to."""

    job: str
    state: str
    runner: str | None


class RegisteringView(RunnersView):
    """GET: the runners that serve the user's teams, by name. POST: register one. 201 with its token, which is told this once.

    `Idempotency-Key` has no effect: an answer with a token is not kept.
    """

    takes = {"POST": NewRunner}
    gives = {"GET": RunnerList, "POST": MadeRunner}

    @property
    def scope(self) -> str:
        return Scope.READ if self.request.method in SAFE_METHODS else Scope.ADMIN

    def post(self, request: Request) -> Response:
        team = require(membership_of(request), Right.MANAGE).team
        asked, user = read(request, NewRunner), person(request)
        if asked.everybody and not user.is_staff:
            raise PermissionDenied("Only an administrator of this server registers a runner for all teams.")
        with Acts():
            runner, token = steering.register(
                name=asked.name, teams=[] if asked.everybody else [team], user=user, labels=asked.labels
            )
        return Response({"runner": _shown(request, runner), "token": token}, status=201)


class KeepingView(RunnerView):
    """GET: a runner. DELETE: 204, it is shown no more, its token works no more; 409 while it is at work."""

    @property
    def scope(self) -> str:
        return Scope.READ if self.request.method in SAFE_METHODS else Scope.ADMIN

    def delete(self, request: Request, public_id: str) -> Response:
        runner = managed(request, public_id, alone=True)
        with Acts():
            steering.remove(runner=runner, user=person(request))
        return Response(status=204)


ACTS: Final = (*(verb for verb in steering.VERBS if verb not in {"release", "drain-checkpoint"}), "edit", "revoke")


class ActView(APIView):
    """POST: the act; the answer is the runner afterwards. 409 when it does not fit."""

    scope = Scope.ADMIN
    verb = ""
    gives = {"POST": ShownRunner}

    @property
    def takes(self) -> dict[str, type[Message]]:
        """For the API's description."""
        shapes: dict[str, type[Message]] = {"drain": Drain, "edit": Edit}
        return {"POST": shapes[self.verb]} if self.verb in shapes else {}

    def post(self, request: Request, public_id: str) -> Response:
        runner = managed(request, public_id, alone=self.verb in {"edit", "revoke"})
        user = person(request)
        with Acts():
            match self.verb:
                case "drain":
                    steering.drain(runner=runner, user=user, leave=read(request, Drain).leave)
                case "edit":
                    asked = read(request, Edit)
                    steering.edit(runner=runner, user=user, labels=asked.labels, slots_limit=asked.slots_limit)
                case "revoke":
                    steering.revoke(runner=runner, user=user)
                case verb:
                    steering.VERBS[verb](runner, user)
        return Response(_shown(request, runner))


class RotateView(APIView):
    """POST: a new token, which is told this once. The old one works no more."""

    scope = Scope.ADMIN
    gives = {"POST": MadeRunner}

    def post(self, request: Request, public_id: str) -> Response:
        runner = managed(request, public_id, alone=True)
        with Acts():
            token = steering.rotate(runner=runner, user=person(request))
        return Response({"runner": _shown(request, runner), "token": token})


class BulkRunnersView(APIView):
    """POST: one act for several runners, each by itself. 404 when one of them does not exist."""

    scope = Scope.ADMIN
    takes = {"POST": BulkActs}
    gives = {"POST": BulkReport}

    def post(self, request: Request) -> Response:
        asked = read(request, BulkActs)
        runners = [managed(request, public_id) for public_id in dict.fromkeys(asked.ids)]
        report = steering.for_runners(verb=asked.verb, runners=runners, user=person(request))
        return Response({"done": report.done, "refused": report.refused})


class JobActView(APIView):
    """POST: `kill` takes a sweep from its runner at once; `move` offers it to another runner, while none has taken it."""

    scope = Scope.ADMIN
    verb = ""
    gives = {"POST": ShownJob}

    @property
    def takes(self) -> dict[str, type[Message]]:
        """For the API's description."""
        return {"POST": Move} if self.verb == "move" else {}

    def post(self, request: Request, job: str) -> Response:
        found = Job.objects.select_related("sweep__team", "runner").filter(public_id=job)
        one = found.filter(sweep__team__in=teams_of(request.user)).first()
        if one is None:
            raise Http404
        if not may_in(request.user, one.sweep.team, Right.MANAGE):
            raise PermissionDenied(REFUSALS[Right.MANAGE])
        with Refusals():
            if self.verb == "kill":
                kill_job(job=one, user=person(request))
            else:
                one = move_offer(job=one, to=one_runner(request, read(request, Move).to), user=person(request))
        one.refresh_from_db()
        runner = one.runner.public_id if one.runner else None
        return Response({"job": one.public_id, "state": one.state, "runner": runner})


class Acts(Refusals):
    """`with Acts():` what the fleet refuses becomes the API's answer: 400 where a field is to blame, else 409."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, steering.ActRefused):
            if error.field:
                error = Invalid([Problem(error.field, str(error))])
            else:
                raise Conflict(str(error)) from None
        super().__exit__(_kind, error, _trace)


def managed(request: Request, public_id: str, *, alone: bool = False) -> Runner:
    """The runner, for who decides about it. `alone`: also for others, so about its token, labels and stay."""
    runner, user = one_runner(request, public_id), person(request)
    if not may_manage(user, runner):
        raise PermissionDenied("Only an owner or admin of a team that the runner serves may do this.")
    if alone and not steering.may_keep(user, runner):
        raise PermissionDenied(NOT_ALONE)
    return runner


def _shown(request: Request, runner: Runner) -> ShownRunner:
    [shown] = shown_runners(request, [one_runner(request, runner.public_id)])
    return shown
