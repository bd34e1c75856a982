"""What people and the server did to a sweep."""

from typing import Any

from typing_extensions import TypedDict

from sweeps.models import Sweep, SweepAct
from sweeps.queries.rows import iso
from sweeps.queries.timeline_words import Detail, words


class Act(TypedDict):
    """`who`: empty where the server did it by itself. `says`: the act in a sentence. `detail`: as it was kept."""

    at: str
    who: str
    verb: str
    says: str
    detail: Detail


def timeline(sweep: Sweep) -> list[Act]:
    """The acts, the oldest first."""
    acts = SweepAct.objects.filter(sweep=sweep).select_related("user").order_by("at", "pk")
    return [_act(act) for act in acts]


def _act(act: SweepAct) -> Act:
    detail: dict[str, Any] = act.detail or {}
    who = str(act.user) if act.user else ""
    return {"at": iso(act.at) or "", "who": who, "verb": act.verb, "says": words(act.verb, detail), "detail": detail}
