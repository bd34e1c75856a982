"""The parameters of a sweep's next trial."""

from collections.abc import Mapping
from typing import Any

from runners.optimizers.wandb_brain import Past, WandbBrain
from runners.optimizers.wandb_configuration import wandb_configuration
from runners.protocol.backends import WandbBackend
from runners.protocol.base import Scalar
from runners.protocol.script import ScriptSpec
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial
from sweeps.wandb.specs import spec_of


def brain_of(sweep: Sweep) -> WandbBrain:
    """Who proposes the sweep's parameters."""
    spec = spec_of(sweep)
    if isinstance(spec, ScriptSpec):
        return WandbBrain(spec.definition, spec.sampler_seed)
    assert isinstance(spec.backend, WandbBackend)
    return WandbBrain(wandb_configuration(spec.space, spec.backend, spec.objectives[0]), spec.sampler_seed)


def propose(sweep: Sweep, number: int) -> Mapping[str, Scalar] | None:
    """The parameters of trial `number`, given what has finished; None when there are no more points."""
    brain = brain_of(sweep)
    return brain.propose(number, _past(sweep, number) if brain.method == "bayes" else ())


def arguments_of(sweep: Sweep, params: Mapping[str, Scalar]) -> dict[str, Any]:
    """Parameters as the client wants them in a command: each top-level name with its value."""
    return {name: {"value": value} for name, value in brain_of(sweep).nested(params).items()}


def _past(sweep: Sweep, number: int) -> list[Past]:
    """The other trials by number, so that the same history always reads the same."""
    kept = {TrialState.COMPLETE.value, TrialState.PRUNED.value, TrialState.FAIL.value, TrialState.RUNNING.value}
    past = []
    trials = Trial.objects.filter(sweep=sweep, state__in=kept, params__isnull=False).exclude(number=number)
    for trial in trials.order_by("number"):
        value = trial.value
        if value is None and trial.intermediate:
            last = trial.intermediate[-1][2]
            value = None if isinstance(last, str) else float(last)
        past.append(Past(trial.params or {}, trial.state, value))
    return past
