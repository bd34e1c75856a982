"""Trials for people's programs: seen, made, changed, repeated, ended. Session login, CSRF token for what changes things."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, cast

from django.db import transaction
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message, Scalar
from sweeps.access import get_sweep, get_trial, get_trials
from sweeps.api.bodies import Refusals, read
from sweeps.api.marks import Marks, mark, marks_of
from sweeps.api.shared import chosen_fields
from sweeps.api.shared.etags import TaggedView
from sweeps.api.shared.once import creates
from sweeps.api.trial_list import ASKS, TrialPage, wanted_trials
from sweeps.models import Trial
from sweeps.queries.rows import trial_row, trial_rows
from sweeps.queries.shapes import TrialRow
from sweeps.services.added_trials import Added, change_trial, enqueue_trial, retry_trial
from sweeps.services.bulk import MOST, for_trials
from sweeps.services.trial_orders import newest_attempt, prune_trial, remove_trial, stop_trial
from sweeps.validation.problems import Invalid, Problem
from teams.models import User

Number = Annotated[int, Field(ge=0, lt=2**31)]


class WholeTrial(TrialRow):
    """`origin`: drawn, enqueued or retry. What people wrote beside it."""

    origin: str
    space_version: int
    tags: list[str]
    starred: bool
    note: str


class OneTrial(TypedDict):
    trial: WholeTrial


class AddedTrial(OneTrial):
    """`grew`: whether the budget did."""

    grew: bool


class BulkDone(TypedDict):
    """`refused`: id or number → why."""

    done: list[int]
    refused: dict[str, str]


class Params(Message):
    """A value for each parameter that acts. What follows from others is computed, and must be left out."""

    params: dict[str, Scalar]


class Patch(Marks):
    """`params`: values for one that waits. Beside it, or alone: its tags, star and note."""

    params: dict[str, Scalar] | None = None


class Changes(Message):
    """Values that are to be otherwise; all others are those of the trial."""

    params: dict[str, Scalar] = {}


class BulkTrials(Message):
    """One verb for several trials of a sweep, by number."""

    verb: Literal["stop", "prune", "remove", "retry"]
    numbers: Annotated[tuple[Number, ...], Field(min_length=1, max_length=MOST)]


class TrialsView(TaggedView):
    """GET: the sweep's trials, by number. POST: add one of your own; `grew` says if the budget did."""

    takes = {"POST": Params}
    gives = {"GET": TrialPage, "POST": AddedTrial}
    asks = {"GET": ASKS}

    def get(self, request: Request, public_id: str) -> Response:
        trials, more = wanted_trials(request, get_sweep(request.user, public_id))
        return Response({"trials": chosen_fields.choose(request, trial_rows(trials), TrialRow), "next": more})

    @creates
    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, write=True)
        asked = read(request, Params)
        with Refusals():
            added = enqueue_trial(sweep=sweep, user=cast("User", request.user), params=asked.params)
        return _added(added)


class TrialView(TaggedView):
    """GET: one trial. PATCH: its params, tags, star or note. DELETE: take it out of the queue.

    `params` are other values for a trial that waits and a person made.
    """

    takes = {"PATCH": Patch}
    gives = {"GET": OneTrial, "PATCH": OneTrial}

    def get(self, request: Request, public_id: str, number: int) -> Response:
        return Response({"trial": _row(get_trial(request.user, public_id, number))})

    def patch(self, request: Request, public_id: str, number: int) -> Response:
        trial = get_trial(request.user, public_id, number, make=True)
        asked = read(request, Patch)
        if asked.params is not None:
            # To mark is everybody's who makes things, to change the values is not.
            trial = get_trial(request.user, public_id, number, write=True)
        user = cast("User", request.user)
        with Refusals(), transaction.atomic():
            if asked == Patch():
                raise Invalid([Problem("params", "Field required, or tags, starred or note.")])
            mark(trial, asked, user)
            if asked.params is not None:
                trial = change_trial(trial=trial, user=user, params=asked.params)
        return Response({"trial": _row(trial)})

    def delete(self, request: Request, public_id: str, number: int) -> Response:
        trial = get_trial(request.user, public_id, number, write=True)
        with Refusals():
            remove_trial(trial=trial, user=cast("User", request.user))
        return Response(status=204)


_SAYS: Final[Mapping[str, str]] = {
    "stop": "End the running trial after its next evaluation; it counts.",
    "prune": "End the running trial after its next evaluation, as one that is not worth going on with.",
    "retry": "The trial's parameters once more, perhaps with changes, as a new trial.",
}


class TrialVerbView(APIView):
    """POST: stop, prune or retry. The answer is the trial, of a retry the new one with `grew`."""

    verb = ""

    @property
    def codes(self) -> dict[str, int]:
        """For the API's description."""
        return {"POST": 201 if self.verb == "retry" else 200}

    @property
    def says(self) -> dict[str, str]:
        """For the API's description."""
        return {"POST": _SAYS[self.verb]}

    @property
    def gives(self) -> dict[str, type]:
        """For the API's description."""
        return {"POST": AddedTrial if self.verb == "retry" else OneTrial}

    @property
    def takes(self) -> dict[str, type[Message]]:
        """For the API's description."""
        return {"POST": Changes} if self.verb == "retry" else {}

    @creates
    def post(self, request: Request, public_id: str, number: int) -> Response:
        trial = get_trial(request.user, public_id, number, write=True)
        user = cast("User", request.user)
        with Refusals():
            match self.verb:
                case "retry":
                    changes = read(request, Changes).params
                    return _added(retry_trial(trial=trial, user=user, changes=changes))
                case "stop":
                    trial = stop_trial(trial=trial, user=user)
                case _:
                    trial = prune_trial(trial=trial, user=user)
        return Response({"trial": _row(trial)})


class BulkTrialsView(APIView):
    """POST: one verb for several trials. 404 when one of them does not exist."""

    takes = {"POST": BulkTrials}
    gives = {"POST": BulkDone}

    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, write=True)
        asked = read(request, BulkTrials)
        trials = get_trials(sweep, asked.numbers)
        report = for_trials(verb=asked.verb, trials=trials, user=cast("User", request.user))
        return Response({"done": [int(number) for number in report.done], "refused": report.refused})


def _added(added: Added) -> Response:
    return Response({"trial": _row(added.trial), "grew": added.grew}, status=201)


def _row(trial: Trial) -> dict[str, Any]:
    row = trial_row(trial, newest_attempt(trial))
    more = {"origin": trial.origin, "space_version": trial.space_version}
    return {**row, "intermediate": trial.intermediate, **more, **marks_of(trial)}
