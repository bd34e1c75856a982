"""Tags, stars and notes for people's programs."""

from typing import Annotated, cast

from django.db import transaction
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from typing_extensions import TypedDict

from runners.protocol.base import Message
from sweeps.access import get_sweep
from sweeps.api.bodies import Refusals, read
from sweeps.models import Trial, TrialStar
from sweeps.queries.table.ranges import read_ranges
from sweeps.services.marks import add_tag, note_of, remove_tag, set_tags, star_trials, trials_of, write_note
from teams.models import User

Tags = Annotated[tuple[str, ...], Field(max_length=20)]


class BulkMarks(Message):
    """`numbers`: of trials, as `0-9,12`. Tags to add and to take away, and the star to give (true) or take (false)."""

    numbers: Annotated[str, Field(min_length=1, max_length=200_000)]
    add_tags: Tags = ()
    remove_tags: Tags = ()
    starred: bool | None = None


class MarkedTrials(TypedDict):
    """`trials`: how many there are of these numbers."""

    trials: int


class MarksView(APIView):
    """POST: tags and stars of many trials at once."""

    takes = {"POST": BulkMarks}
    gives = {"POST": MarkedTrials}

    def post(self, request: Request, public_id: str) -> Response:
        sweep = get_sweep(request.user, public_id, make=True)
        asked = read(request, BulkMarks)
        user = cast("User", request.user)
        trials = trials_of(sweep, read_ranges([asked.numbers]))
        with Refusals(), transaction.atomic():
            for name in asked.add_tags:
                add_tag(sweep=sweep, trials=trials, name=name, user=user)
            for name in asked.remove_tags:
                remove_tag(sweep=sweep, trials=trials, name=name, user=user)
            if asked.starred is not None:
                star_trials(sweep=sweep, trials=trials, starred=asked.starred, user=user)
        return Response({"trials": len(trials)})


class Marks(Message):
    """What is to be beside a trial; what is left out stays. `note` is Markdown."""

    tags: Tags | None = None
    starred: bool | None = None
    note: str | None = None


@transaction.atomic
def mark(trial: Trial, marks: Marks, user: User) -> None:
    """Write all that is not None."""
    if marks.tags is not None:
        set_tags(trial=trial, names=marks.tags, user=user)
    if marks.starred is not None:
        star_trials(sweep=trial.sweep, trials=[trial], starred=marks.starred, user=user)
    if marks.note is not None:
        write_note(trial=trial, text=marks.note, user=user)


def marks_of(trial: Trial) -> dict[str, object]:
    """`{"tags", "starred", "note"}`."""
    names = list(trial.tags.order_by("name").values_list("name", flat=True))
    return {"tags": names, "starred": TrialStar.objects.filter(trial=trial).exists(), "note": note_of(trial)}
