"""When a sweep may end before its budget: no more improvement is in sight. By name, as Optuna's terminator does it."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import optuna
from optuna.study import Study

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar


@dataclass(frozen=True)
class TerminatorKind:
    """`build` is called with every option and gives the test to be asked after each trial."""

    name: str
    label: str
    help: str
    build: Callable[[dict[str, Scalar]], Callable[[Study], bool]]
    options: tuple[Option, ...] = ()


def _stagnation(options: dict[str, Scalar]) -> Callable[[Study], bool]:
    from optuna.terminator import BestValueStagnationEvaluator, StaticErrorEvaluator

    patience = int(str(options["max_stagnation_trials"]))
    return _asked(BestValueStagnationEvaluator(patience), StaticErrorEvaluator(0), options)


def _regret(options: dict[str, Scalar]) -> Callable[[Study], bool]:
    from optuna.terminator import RegretBoundEvaluator, StaticErrorEvaluator

    return _asked(RegretBoundEvaluator(), StaticErrorEvaluator(float(str(options["tolerance"]))), options)


def _asked(
    improvement: "optuna.terminator.BaseImprovementEvaluator",
    error: "optuna.terminator.BaseErrorEvaluator",
    options: dict[str, Scalar],
) -> Callable[[Study], bool]:
    terminator = optuna.terminator.Terminator(improvement, error, min_n_trials=int(str(options["min_n_trials"])))
    # With a Gaussian process it answers in NumPy's kind of truth.
    return lambda study: bool(terminator.should_terminate(study))


_MIN: Final = Option("min_n_trials", "int", 20, "Complete trials before it is asked at all.", 1, 100_000)

TERMINATORS: Final[dict[str, TerminatorKind]] = {
    kind.name: kind
    for kind in (
        TerminatorKind(
            name="stagnation",
            label="No better trial for a while",
            help="Ends the sweep when so many trials in a row have not beaten the best one.",
            build=_stagnation,
            options=(_MIN, Option("max_stagnation_trials", "int", 30, "Trials without a better one.", 1, 100_000)),
        ),
        TerminatorKind(
            name="regret_bound",
            label="Improvement has converged",
            help="Ends the sweep when a model of the objective expects less improvement than the tolerance.",
            build=_regret,
            options=(_MIN, Option("tolerance", "float", 0.01, "Improvement of the objective that is not worth it.", 0)),
        ),
    )
}


def make_terminator(choice: NamedChoice) -> Callable[[Study], bool]:
    """The test that `choice` names. Raises ValueError that names an unknown terminator or option."""
    kind = TERMINATORS.get(choice.name)
    if kind is None:
        raise ValueError(f"terminator {choice.name!r} is unknown. Terminators: {', '.join(TERMINATORS)}.")
    options = filled(f"terminator {kind.name}", kind.options, choice.options)
    with warnings.catch_warnings():
        # Deprecated in Optuna 5 without a successor in it; pinned with the version.
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return kind.build(options)
