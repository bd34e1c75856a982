"""What can be done with a sweep, for people's programs. Session login, CSRF token."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message, PublicId
from sweeps.access import get_sweep, get_sweeps
from sweeps.api.bodies import Refusals, read
from sweeps.models import Sweep
from sweeps.queries.shapes import SweepState
from sweeps.queries.snapshot import fresh_sweep
from sweeps.queries.state import sweep_state
from sweeps.queries.timeline import Act, timeline
from sweeps.services.amend import SAME, SAME_LIMIT, amend_budget, amend_space, extend_sweep
from sweeps.services.archive import delete_sweep
from sweeps.services.bulk import MOST, SWEEP_VERBS, for_sweeps
from sweeps.services.pausing import pause_sweep
from sweeps.services.placement import place_sweep
from sweeps.validation.amendment import RowChange
from sweeps.validation.requirements import Requirements
from teams.access import REFUSALS, Right, may_in
from teams.models import User


class Pause(Message):
    """`checkpoint`: running trials write one and leave, instead of training to their end."""

    checkpoint: bool = False


class Extend(Message):
    """`timeout_s`: from now; without, no limit. `max_failed_trials`: null is no limit; without, as it was."""

    n_trials: int
    timeout_s: float | None = None
    max_failed_trials: int | None = SAME_LIMIT


class Amend(Message):
    """What is to change. `timeout_s`: from the first start. `timeout_s`, `max_failed_trials`: null is no limit.

    `parameters`: by name.
    """

    n_trials: Annotated[int, Field(ge=1)] | None = None
    timeout_s: float | None = SAME
    max_failed_trials: int | None = SAME_LIMIT
    parameters: dict[str, RowChange] | None = None


class Place(Message):
    """What is to change. `priority`: -100 to 100, 0 at first; for owners and admins. `requirements`: of a runner, all anew."""

    priority: int | None = None
    requirements: Requirements | None = None


class Delete(Message):
    """`name`: the sweep's, typed by whoever deletes it."""

    name: str = ""


class BulkSweeps(Message):
    """One verb for several sweeps."""

    verb: Literal["start", "pause", "resume", "stop", "cancel", "archive", "restore"]
    ids: Annotated[tuple[PublicId, ...], Field(min_length=1, max_length=MOST)]


class SweepNow(TypedDict):
    """The sweep's state afterwards."""

    sweep: SweepState


class SweepsDone(TypedDict):
    """`refused`: id → why."""

    done: list[str]
    refused: dict[str, str]


class Acts(TypedDict):
    """The oldest first."""

    acts: list[Act]


_SAYS: Final[Mapping[str, str]] = {
    "start": "Start a draft: its spec is frozen and queued.",
    "stop": "No new trials; the current ones finish.",
    "cancel": "End the sweep now, and its running trials with it.",
    "pause": "No new trials until it is resumed; running ones finish, or leave at a checkpoint.",
    "resume": "Go on with a paused sweep.",
    "archive": "Out of the lists; everything stays.",
    "restore": "Back from the archive.",
    "extend": "More trials for a sweep that has ended.",
    "place": "What the sweep needs of a runner, and, for admins, its priority.",
    "amend": "Another number of trials, timeout, limit of failures, or another space, while it goes on.",
}


class VerbView(APIView):
    """POST: the verb; the answer is the sweep's state afterwards. 409 when it does not fit."""

    verb = ""
    gives = {"POST": SweepNow}

    @property
    def says(self) -> dict[str, str]:
        """For the API's description."""
        return {
            "POST": f"{_SAYS.get(self.verb, self.verb.capitalize())}\n\nThe answer is the sweep's state afterwards; 409 when it does not fit."
        }

    @property
    def takes(self) -> dict[str, type[Message]]:
        """For the API's description."""
        shapes: dict[str, type[Message]] = {"pause": Pause, "extend": Extend, "amend": Amend, "place": Place}
        return {"POST": shapes[self.verb]} if self.verb in shapes else {}

    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, write=True)
        with Refusals():
            _ACTS[self.verb](request, sweep, cast("User", request.user))
        return Response({"sweep": sweep_state(fresh_sweep(sweep.pk))})


class TimelineView(APIView):
    """GET: what people and the server did to the sweep, the oldest first."""

    gives = {"GET": Acts}

    def get(self, request: Request, public_id: str) -> Response:
        return Response({"acts": timeline(get_sweep(request.user, public_id))})


class BulkView(APIView):
    """POST: one verb for several sweeps. 404 when one of them does not exist."""

    takes = {"POST": BulkSweeps}
    gives = {"POST": SweepsDone}

    def post(self, request: Request) -> Response:
        asked = read(request, BulkSweeps)
        sweeps = get_sweeps(request.user, asked.ids, make=True)
        report = for_sweeps(verb=asked.verb, sweeps=sweeps, user=cast("User", request.user))
        return Response({"done": report.done, "refused": report.refused})


def delete(request: Request, public_id: str) -> Response:
    """DELETE `{"name"}`: 204, and the sweep is gone."""
    sweep = get_sweep(request.user, public_id, write=True)
    asked = read(request, Delete)
    with Refusals():
        delete_sweep(sweep=sweep, user=cast("User", request.user), name=asked.name)
    return Response(status=204)


def _pause(request: Request, sweep: Sweep, user: User) -> None:
    pause_sweep(sweep=sweep, user=user, checkpoint=read(request, Pause).checkpoint)


def _extend(request: Request, sweep: Sweep, user: User) -> None:
    asked = read(request, Extend)
    extend_sweep(
        sweep=sweep,
        user=user,
        n_trials=asked.n_trials,
        timeout_s=asked.timeout_s,
        max_failed_trials=asked.max_failed_trials,
    )


def _amend(request: Request, sweep: Sweep, user: User) -> None:
    asked = read(request, Amend)
    with transaction.atomic():
        # Both or neither: what is refused of one takes the other back.
        _amend_both(asked, sweep, user)


def _amend_both(asked: Amend, sweep: Sweep, user: User) -> None:
    budget = asked.n_trials is not None or asked.timeout_s != SAME or asked.max_failed_trials != SAME_LIMIT
    if budget or asked.parameters is None:
        amend_budget(
            sweep=sweep,
            user=user,
            n_trials=asked.n_trials,
            timeout_s=asked.timeout_s,
            max_failed_trials=asked.max_failed_trials,
        )
    if asked.parameters is not None:
        amend_space(sweep=sweep, user=user, changes=asked.parameters)


def _place(request: Request, sweep: Sweep, user: User) -> None:
    asked = read(request, Place)
    if asked.priority is not None and not may_in(user, sweep.team, Right.MANAGE):
        raise PermissionDenied(REFUSALS[Right.MANAGE])
    place_sweep(sweep=sweep, user=user, priority=asked.priority, requirements=asked.requirements)


def _plain(verb: str) -> Callable[[Request, Sweep, User], None]:
    def act(_request: Request, sweep: Sweep, user: User) -> None:
        SWEEP_VERBS[verb](sweep, user)

    return act


_ACTS: Final[Mapping[str, Callable[[Request, Sweep, User], None]]] = {
    **{verb: _plain(verb) for verb in SWEEP_VERBS},
    "pause": _pause,
    "extend": _extend,
    "amend": _amend,
    "place": _place,
}
VERBS: Final = tuple(_ACTS)
