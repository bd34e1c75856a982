"""The trials of a sweep, as the table's filters find them, for programs."""

from typing import Final

from django.db.models import QuerySet
from rest_framework import exceptions
from rest_framework.request import Request
from typing_extensions import TypedDict

from runners.protocol.states import TrialState
from sweeps.api.asked import whole_number
from sweeps.api.shared import chosen_fields, pages
from sweeps.models import Sweep, Trial
from sweeps.queries.shapes import TrialRow
from sweeps.queries.table.columns import columns_of
from sweeps.queries.table.filter.problem import FilterProblem
from sweeps.queries.table.rows import matching

STATES: Final = tuple(state.value for state in TrialState)
Q: Final = "A filter as the table of trials has it, such as `state = complete and eval_loss < 0.5`."
ASKS: Final = {
    "state": f"With this state: {', '.join(STATES)}.",
    "q": Q,
    "after": "Trials with a higher number than this one: what `next` said.",
    "limit": f"So many at most, up to {pages.MOST}; all where it is left out.",
    **chosen_fields.ASKS,
}


class TrialPage(TypedDict):
    """By number. `next`: what `after` takes for the next page; null at the end, or where all were asked for."""

    trials: list[TrialRow]
    next: int | None


def wanted_trials(request: Request, sweep: Sweep) -> tuple[QuerySet[Trial], int | None]:
    """The page that the address asks for, and the number behind which the next one begins. ValidationError by field."""
    text = request.query_params.get("q", "").replace("\0", "\ufffd")
    try:
        found = matching(sweep, text, columns_of(sweep))
    except FilterProblem as problem:
        raise exceptions.ValidationError({"q": [problem.message]}) from None
    state = request.query_params.get("state")
    if state:
        if state not in STATES:
            raise exceptions.ValidationError({"state": [f"Choose one of {', '.join(STATES)}."]})
        found = found.filter(state=state)
    after = whole_number(request, "after")
    if after is not None:
        found = found.filter(number__gt=after)
    size = pages.limit_of(request)
    if size is None:
        return found, None
    numbers = list(found.order_by("number").values_list("number", flat=True)[: size + 1])
    if len(numbers) <= size:
        return found, None
    return found.filter(number__lte=numbers[size - 1]), numbers[size - 1]
