"""The queue of trials that people have made and no runner has taken."""

from typing import TypedDict

from runners.protocol.base import Scalar
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial


class Queued(TypedDict):
    """`taken`: a runner holds its permit, so it begins soon and can't be changed any more."""

    number: int
    params: dict[str, Scalar]
    who: str
    retry_of: int | None
    taken: bool


def queue_of(sweep: Sweep) -> list[Queued]:
    """Trials that wait and were made by people, in the order in which they are granted."""
    trials = Trial.objects.filter(sweep=sweep, state=TrialState.WAITING.value).exclude(origin="drawn")
    return [
        {
            "number": trial.number,
            "params": trial.params or {},
            "who": str(trial.made_by) if trial.made_by else "",
            "retry_of": trial.retry_of.number if trial.retry_of else None,
            "taken": trial.granted_to_id is not None,
        }
        for trial in trials.select_related("made_by", "retry_of").order_by("number")
    ]
