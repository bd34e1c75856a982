"""The page of one trial: parameters, figures, attempts, and why it failed."""

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sweeps.access import get_sweep, may_change, may_write_in
from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.compare.address import Ref
from sweeps.queries.compare.trials import Compared
from sweeps.queries.details import frozen_spec, script_spec
from sweeps.queries.logs.around import last_lines
from sweeps.queries.metrics import metric_groups
from sweeps.queries.pareto import pareto_numbers
from sweeps.queries.rows import trial_row, visible_trials
from sweeps.queries.trial.facts import checkpoints, origin, phases
from sweeps.queries.trial.parameters import parameter_rows
from sweeps.queries.trial.system import System, system_curves
from sweeps.views.basket import kept

if TYPE_CHECKING:
    from teams.middleware import TeamRequest

SYSTEM_GROUPS: Final = {"use": "Use", "memory": "Memory", "power": "Power", "temperature": "Temperature"}


@require_safe
def trial_detail(request: "TeamRequest", public_id: str, number: int) -> HttpResponse:
    """Whole without a script; with one its curves go on."""
    sweep = get_sweep(request.user, public_id)
    trial = get_object_or_404(Trial.objects.select_related("sweep", "made_by", "retry_of"), sweep=sweep, number=number)
    # One object of the sweep, which has its team, model and data at hand.
    trial.sweep = sweep
    spec, script = frozen_spec(sweep), script_spec(sweep)
    shown = spec or script
    objectives = [row.model_dump() for row in shown.objectives] if shown else []
    attempts = list(
        Attempt.objects.filter(trial=trial)
        .select_related("job__runner", "job__sweep", "trial__sweep")
        .order_by("index")
    )
    newest = attempts[-1] if attempts else None
    best = _best(sweep)
    other = best if best and best.pk != trial.pk else None
    before, after = _neighbours(trial)
    first = objectives[0]["metric"] if objectives else ""
    logged = {*trial.last, *(best.last if best and not trial.finished_at else {}), first} - {""}
    system = system_curves(newest) if newest else None
    context: dict[str, Any] = {
        "sweep": sweep,
        "trial": trial,
        "row": trial_row(trial, newest),
        "objective": objectives[0] if objectives else None,
        "values": list(zip([row["metric"] for row in objectives], trial.values, strict=False)),
        "attempts": attempts,
        "failed": _explained(trial, attempts),
        "lines": last_lines(newest) if newest else [],
        "can_edit": may_change(request.user, sweep),
        "can_make": may_write_in(request.user, sweep.team),
        "kept": Ref(public_id, number) in kept(request),
        "notes": list(trial.notes.select_related("user")),
        "best": best,
        "other": other,
        "parameters": parameter_rows(spec or script, trial.params or {}, (other.params or {}) if other else None),
        "origin": origin(Compared(trial, sweep, spec, script, newest)),
        "phases": phases(trial, attempts),
        "checkpoints": checkpoints(trial, attempts),
        "metric_groups": metric_groups(logged, first),
        "system": system,
        "system_groups": _system_groups(system) if system else [],
        "before": before,
        "after": after,
        "permalink": request.build_absolute_uri(request.path),
    }
    return render(request, "sweeps/trial.html", context)


def _best(sweep: Sweep) -> Trial | None:
    """What parameters are compared with: the best trial, of several objectives that of the Pareto set which leads the first."""
    if sweep.best_trial:
        return sweep.best_trial
    numbers = pareto_numbers(sweep)
    if not numbers:
        return None
    down = (sweep.spec or {})["objectives"][0]["direction"] == "maximize"
    return Trial.objects.filter(sweep=sweep, number__in=numbers).order_by("-value" if down else "value").first()


def _system_groups(system: System) -> list[tuple[str, str]]:
    """What was measured, each a chart; while nothing is there yet, what every machine tells."""
    there = {curve["group"] for curve in system["curves"]} or {"use", "memory"}
    return [(group, title) for group, title in SYSTEM_GROUPS.items() if group in there]


def _neighbours(trial: Trial) -> tuple[int | None, int | None]:
    """The numbers of the trials before and after it that the table shows."""
    numbers = visible_trials(trial.sweep).values_list("number", flat=True)
    before = numbers.filter(number__lt=trial.number).order_by("-number").first()
    return before, numbers.filter(number__gt=trial.number).order_by("number").first()


def _explained(trial: Trial, attempts: list[Attempt]) -> Attempt | None:
    """The attempt whose failure is the trial's, or the newest that failed though another followed it."""
    failed = [attempt for attempt in attempts if attempt.state in {"fail", "lost"}]
    return failed[-1] if failed and trial.state in {"fail", "waiting", "running"} else None
