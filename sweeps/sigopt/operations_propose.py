"""Optuna's sampler is the mind behind the SigOpt endpoint. SigOpt's own algorithm is not here.

A proposal follows from the spec, the seed, the trial's number and what the trials before have given.
"""

import warnings
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.trial import FrozenTrial, create_trial
from optuna.trial import TrialState as OptunaState

from runners.optimizers.compile import compiled, suggest
from runners.optimizers.samplers import make_sampler
from runners.protocol.backends import optuna_of
from runners.protocol.base import Scalar
from runners.protocol.script import ScriptSpec
from runners.protocol.states import TrialState
from sweeps.models import Sweep, Trial

_STATES: Final = {
    TrialState.COMPLETE.value: OptunaState.COMPLETE,
    TrialState.FAIL.value: OptunaState.FAIL,
    TrialState.RUNNING.value: OptunaState.RUNNING,
}


def propose(sweep: Sweep, number: int) -> Mapping[str, Scalar]:
    """The parameters of trial `number` under the client's own names."""
    known = Trial.objects.filter(sweep=sweep, state__in=_STATES, params__isnull=False).exclude(number=number)
    return draw(ScriptSpec.model_validate(sweep.spec), number, known.order_by("number"))


def draw(spec: ScriptSpec, number: int, past: Iterable[Trial]) -> dict[str, Scalar]:
    """As `propose`, from `past`: the other trials by number. A row whose condition is not met has no value."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    seed = int(np.random.SeedSequence([spec.sampler_seed, number]).generate_state(1)[0])
    own = {row.name: name for row, name in zip(spec.space.parameters, spec.names, strict=True)}
    with warnings.catch_warnings():
        # Optuna's note that an interface may change is for who calls it.
        warnings.simplefilter("ignore", ExperimentalWarning)
        study = optuna.create_study(
            directions=[objective.direction for objective in spec.objectives],
            sampler=make_sampler(optuna_of(spec.backend).sampler, seed, spec.space),
        )
        study.add_trials([frozen for frozen in (_frozen(spec, own, trial) for trial in past) if frozen])
        drawn = suggest(study.ask(), spec.space)
    return {own[name]: value for name, value in drawn.items()}


def _frozen(spec: ScriptSpec, own: Mapping[str, str], trial: Trial) -> FrozenTrial | None:
    """The trial in Optuna's form; None for a complete one without all its values."""
    given = trial.params or {}
    params = {name: given[theirs] for name, theirs in own.items() if theirs in given}
    values = [float(value) for value in trial.values] if trial.state == TrialState.COMPLETE.value else None
    if values is not None and len(values) != len(spec.objectives):
        return None
    distributions = compiled(spec.space)
    return create_trial(
        state=_STATES[trial.state],
        values=values,
        params=params,
        distributions={name: distributions[name] for name in params},
    )
