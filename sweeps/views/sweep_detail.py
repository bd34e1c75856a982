"""The page of a sweep. Complete as it is; the browser keeps it up to date."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from runners.protocol.states import SweepState
from sweeps.access import get_sweep, may_change, may_write_in
from sweeps.queries.added import queue_of
from sweeps.queries.call import called
from sweeps.queries.confirmation import confirmations
from sweeps.queries.details import facts, frozen_spec, script_spec
from sweeps.queries.failures import known_failure_groups
from sweeps.queries.snapshot import fresh_sweep
from sweeps.queries.state import sweep_state
from sweeps.queries.timeline import timeline
from sweeps.validation.bounds import edges
from sweeps.views.trials_part import table_context

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def sweep_detail(request: "TeamRequest", public_id: str) -> HttpResponse:
    """The same queries as the snapshot's, so page and script agree."""
    found = get_sweep(request.user, public_id)
    sweep = fresh_sweep(found.pk)
    spec = frozen_spec(sweep)
    script = script_spec(sweep)
    shown = spec or script
    objectives = [row.model_dump() for row in shown.objectives] if shown else []
    names = [parameter.name for parameter in spec.space.parameters] if spec else list(script.names) if script else []
    state = sweep_state(sweep)
    best = state["pareto"] or ([state["best"]["number"]] if state["best"] else [])
    found_again = confirmations(sweep)
    context: dict[str, Any] = {
        "sweep": sweep,
        "state": state,
        "best_numbers": best,
        "further": [(place, row["metric"]) for place, row in enumerate(objectives) if place],
        "param_names": names,
        "objective": objectives[0] if objectives else None,
        "failures": known_failure_groups(sweep),
        "facts": facts(sweep, spec),
        "call": called(spec) if spec else "",
        "can_edit": may_change(request.user, sweep),
        "can_make": may_write_in(request.user, sweep.team),
        "queue": queue_of(sweep),
        "acts": [(datetime.fromisoformat(act["at"]), act) for act in reversed(timeline(sweep))],
        "edges": edges(sweep),
        "confirmations": found_again,
        "confirming": any(not found.over for found in found_again),
        **table_context(request, sweep),
    }
    if sweep.state == SweepState.DRAFT.value:
        context["edit_url"] = reverse("sweeps:edit", args=[sweep.public_id])
    return render(request, "sweeps/sweep_detail.html", context)
