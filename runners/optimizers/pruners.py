"""Optuna's pruners by name. "none" is a pruner too: without one Optuna would quietly use its median pruner."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from optuna.exceptions import ExperimentalWarning
from optuna.pruners import (
    BasePruner,
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    PatientPruner,
    PercentilePruner,
    SuccessiveHalvingPruner,
    ThresholdPruner,
    WilcoxonPruner,
)

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar

NO_PRUNER: Final = "none"


@dataclass(frozen=True)
class PrunerKind:
    """A pruner that a sweep may name. `build` is called with every option by keyword."""

    name: str
    label: str
    help: str
    build: Callable[..., BasePruner]
    options: tuple[Option, ...] = ()


_STEPS = "Counted in training steps, or in hundredths of an epoch when the steps of two trials do not compare."
_COMPARED: Final = (
    Option("n_startup_trials", "int", 5, "Complete trials before any trial is pruned.", 0, 10_000),
    Option("n_warmup_steps", "int", 0, f"No trial is pruned before this step. {_STEPS}", 0),
    Option("interval_steps", "int", 1, f"Steps between two checks. {_STEPS}", 1),
    Option("n_min_trials", "int", 1, "Trials that must have reported at a step before it counts.", 1),
)


def _halving(min_resource: int | None, **options: Any) -> BasePruner:
    return SuccessiveHalvingPruner(min_resource="auto" if min_resource is None else min_resource, **options)


def _hyperband(max_resource: int | None, **options: Any) -> BasePruner:
    return HyperbandPruner(max_resource="auto" if max_resource is None else max_resource, **options)


def _patient(pruner: str, patience: int, min_delta: float) -> BasePruner:
    inner = None if pruner == NO_PRUNER else PRUNERS[pruner].build(**_defaults(pruner))
    return PatientPruner(inner, patience, min_delta)


def _wilcoxon(**options: Any) -> BasePruner:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return WilcoxonPruner(**options)


def _defaults(name: str) -> dict[str, Scalar]:
    return {option.name: option.default for option in PRUNERS[name].options}


PRUNERS: Final[dict[str, PrunerKind]] = {
    kind.name: kind
    for kind in (
        PrunerKind(name=NO_PRUNER, label="None", help="Every trial trains to its end.", build=NopPruner),
        PrunerKind(
            name="median",
            label="Median",
            help="Ends a trial whose best value so far is worse than the median of earlier trials at the same step.",
            build=MedianPruner,
            options=_COMPARED,
        ),
        PrunerKind(
            name="percentile",
            label="Percentile",
            help="Ends a trial whose best value so far is not among the given best share at the same step.",
            build=PercentilePruner,
            options=(
                Option("percentile", "float", 25.0, "The best share that may go on, in percent.", 0, 100),
                *_COMPARED,
            ),
        ),
        PrunerKind(
            name="successive_halving",
            label="Successive halving",
            help="At each rung, steps grow by the factor and only the best share goes on (asynchronous, ASHA).",
            build=_halving,
            options=(
                Option(
                    "min_resource", "int", None, f"Steps of the first rung; by default from the trials. {_STEPS}", 1
                ),
                Option("reduction_factor", "int", 4, "One in so many trials goes on at a rung.", 2),
                Option("min_early_stopping_rate", "int", 0, "Makes the first rung later by this power.", 0),
                Option("bootstrap_count", "int", 0, "Trials that must reach a rung before any leaves it.", 0),
            ),
        ),
        PrunerKind(
            name="hyperband",
            label="Hyperband",
            help="Successive halving with several first rungs side by side; a trial's number and the study's name, "
            "which is always sweep, choose where it stands.",
            build=_hyperband,
            options=(
                Option("min_resource", "int", 1, f"Steps of the first rung. {_STEPS}", 1),
                Option("max_resource", "int", None, f"Steps of a whole trial; by default from the trials. {_STEPS}", 1),
                Option("reduction_factor", "int", 3, "One in so many trials goes on at a rung.", 2),
                Option("bootstrap_count", "int", 0, "Trials that must reach a rung before any leaves it.", 0),
            ),
        ),
        PrunerKind(
            name="threshold",
            label="Threshold",
            help="Ends a trial whose value leaves the bounds.",
            build=ThresholdPruner,
            options=(
                Option("lower", "float", None, "Below it a trial ends."),
                Option("upper", "float", None, "Above it a trial ends."),
                Option("n_warmup_steps", "int", 0, f"No trial is pruned before this step. {_STEPS}", 0),
                Option("interval_steps", "int", 1, f"Steps between two checks. {_STEPS}", 1),
            ),
        ),
        PrunerKind(
            name="wilcoxon",
            label="Wilcoxon",
            help="Ends a trial whose evaluations, each paired with the best trial's at the same step, are worse by a "
            "signed-rank test. Made for repeated measures such as folds: the pairs of one curve are not independent.",
            build=_wilcoxon,
            options=(
                Option("p_threshold", "float", 0.1, "Chance of an error below which a trial ends.", 0, 1),
                Option("n_startup_steps", "int", 2, "Evaluations before the test is made.", 0),
            ),
        ),
        PrunerKind(
            name="patient",
            label="Patient",
            help="Ends a trial that has not improved for some evaluations, where the pruner inside agrees.",
            build=_patient,
            options=(
                Option(
                    "pruner",
                    "choice",
                    NO_PRUNER,
                    "Who must agree; none is nobody.",
                    choices=(NO_PRUNER, "median", "percentile", "successive_halving", "hyperband", "threshold"),
                ),
                Option("patience", "int", 3, "Evaluations without improvement.", 0),
                Option("min_delta", "float", 0.0, "What counts as an improvement.", 0),
            ),
        ),
    )
}


def make_pruner(choice: NamedChoice) -> BasePruner:
    """The pruner that `choice` names. Raises ValueError that names an unknown pruner or option."""
    kind = PRUNERS.get(choice.name)
    if kind is None:
        raise ValueError(f"pruner {choice.name!r} is unknown. Pruners: {', '.join(PRUNERS)}.")
    return kind.build(**filled(f"pruner {kind.name}", kind.options, choice.options))
