"""SigOpt's experiments are sweeps of a person's script: created, found, ranked."""

from collections.abc import Mapping
from typing import Any

from runners.protocol.states import TrialState
from sweeps.models import Attempt, Sweep, Trial
from sweeps.queries.pareto import pareto_numbers
from sweeps.services import scripts
from sweeps.services.acts import note
from sweeps.sigopt.api_requests import Caller, Refusal
from sweeps.sigopt.operations_spec import ignored, script_spec


def create_experiment(caller: Caller, project: str, definition: Mapping[str, Any]) -> Sweep:
    """A sweep that waits for its script. Refusal for a definition that can't be searched."""
    spec = script_spec({**definition, "project": project})
    name = definition.get("name")
    title = name if isinstance(name, str) and name.strip() else project
    sweep = scripts.open_script_sweep(team=caller.team, user=caller.user, name=title, spec=spec)
    unheeded = ignored(definition)
    if unheeded:
        note(sweep, "not carried over", sentences=unheeded)
    return sweep


def find_experiment(caller: Caller, name: str) -> Sweep:
    """An experiment of the caller's team. Refusal (404) for any other."""
    known = Sweep.objects.select_related("team").filter(team=caller.team, spec__source="script", spec__client="sigopt")
    found = known.filter(public_id=name).first()
    if found is None:
        raise Refusal("There is no such experiment for this key. Make one, or look at the key's team.", 404)
    return found


def best_runs(sweep: Sweep) -> list[Attempt]:
    """The best trial's attempt; with several metrics those of the Pareto set. Empty when none is complete."""
    numbers = pareto_numbers(sweep)
    if not numbers and sweep.best_trial is not None:
        numbers = [sweep.best_trial.number]
    trials = Trial.objects.filter(sweep=sweep, number__in=numbers, state=TrialState.COMPLETE.value).order_by("number")
    found = []
    for trial in trials:
        last = Attempt.objects.select_related("trial__sweep", "job").filter(trial=trial).order_by("-index").first()
        if last is not None:
            found.append(last)
    return found
