"""Optuna's pruners by name. "none" is a pruner too: without one Optuna would quietly use its median pruner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from optuna.pruners import BasePruner, MedianPruner, NopPruner

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice

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

PRUNERS: Final[dict[str, PrunerKind]] = {
    kind.name: kind
    for kind in (
        PrunerKind(name=NO_PRUNER, label="None", help="Every trial trains to its end.", build=NopPruner),
        PrunerKind(
            name="median",
            label="Median",
            help="Ends a trial whose best value so far is worse than the median of earlier trials at the same step.",
            build=MedianPruner,
            options=(
                Option("n_startup_trials", "int", 5, "Complete trials before any trial is pruned.", 0, 10_000),
                Option("n_warmup_steps", "int", 0, f"No trial is pruned before this step. {_STEPS}", 0),
                Option("interval_steps", "int", 1, f"Steps between two checks. {_STEPS}", 1),
                Option("n_min_trials", "int", 1, "Trials that must have reported at a step before it counts.", 1),
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
