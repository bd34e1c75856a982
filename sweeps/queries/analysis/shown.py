"""The analysis as the page shows it."""

from typing import Any

from typing_extensions import TypedDict

from runners.optimizers.analysis import NEEDED
from sweeps.models import Sweep, SweepAnalysis
from sweeps.queries.analysis.asked import finished_count
from sweeps.queries.rows import iso


class Shown(TypedDict):
    """`finished`: trials that are complete now; `rests_on`: those of `result`. `pending`: a newer one is coming."""

    needed: int
    finished: int
    rests_on: int
    pending: bool
    computed_at: str | None
    problem: str
    result: dict[str, Any] | None


def shown(sweep: Sweep) -> Shown:
    """What is there now; asks for nothing."""
    analysis = SweepAnalysis.objects.filter(sweep=sweep).first()
    return {
        "needed": NEEDED,
        "finished": finished_count(sweep),
        "rests_on": analysis.finished if analysis else 0,
        "pending": bool(analysis and analysis.asked_at),
        "computed_at": iso(analysis.computed_at) if analysis else None,
        "problem": analysis.problem if analysis else "",
        "result": analysis.result if analysis else None,
    }
