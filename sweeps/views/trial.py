"""The page of one trial: parameters, figures, attempts, and why it failed."""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sweeps.access import get_sweep, may_write_in
from sweeps.models import Attempt, Trial
from sweeps.queries.compare.address import Ref
from sweeps.queries.details import frozen_spec, script_spec
from sweeps.queries.logs.around import last_lines
from sweeps.queries.rows import newest_attempts, trial_row
from sweeps.views.basket import kept

if TYPE_CHECKING:
    from teams.middleware import TeamRequest


@require_safe
def trial_detail(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """Whole without a script; with one its curves go on."""
    sweep = get_sweep(request.user, public_id)
    trial = get_object_or_404(Trial.objects.select_related("sweep", "made_by", "retry_of"), sweep=sweep, number=number)
    shown = frozen_spec(sweep) or script_spec(sweep)
    objectives = [row.model_dump() for row in shown.objectives] if shown else []
    attempts = list(Attempt.objects.filter(trial=trial).select_related("job__runner", "trial__sweep").order_by("index"))
    newest = attempts[-1] if attempts else None
    context: dict[str, Any] = {
        "sweep": sweep,
        "trial": trial,
        "row": trial_row(trial, newest_attempts(Trial.objects.filter(pk=trial.pk)).get(trial.number)),
        "objective": objectives[0] if objectives else None,
        "values": list(zip([row["metric"] for row in objectives], trial.values, strict=False)),
        "attempts": attempts,
        "failed": _explained(trial, attempts),
        "lines": last_lines(newest) if newest else [],
        "can_edit": may_write_in(request.user, sweep.team),
        "kept": Ref(public_id, number) in kept(request),
        "notes": list(trial.notes.select_related("user")),
    }
    return render(request, "sweeps/trial.html", context)


def _explained(trial: Trial, attempts: list[Attempt]) -> Attempt | None:
    """The attempt whose failure is the trial's, or the newest that failed though another followed it."""
    failed = [attempt for attempt in attempts if attempt.state in {"fail", "lost"}]
    return failed[-1] if failed and trial.state in {"fail", "waiting", "running"} else None
