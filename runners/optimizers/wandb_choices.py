"""What a W&B sweep may be told, by name: how parameters are proposed, and who ends a trial early. wandb is not imported.

Method and bracket definitions are those of W&B's sweep configuration (docs.wandb.ai, "Sweep configuration options").
"""

from dataclasses import dataclass
from typing import Final

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice
from runners.protocol.base import Scalar

NO_EARLY: Final = "none"
HYPERBAND: Final = "hyperband"


@dataclass(frozen=True)
class WandbKind:
    """A method or an early termination that a sweep may name."""

    name: str
    label: str
    help: str
    options: tuple[Option, ...] = ()


WANDB_METHODS: Final[dict[str, WandbKind]] = {
    kind.name: kind
    for kind in (
        WandbKind("random", "Random", "Each parameter is drawn by itself from its distribution."),
        WandbKind("grid", "Grid", "Every combination once. Each row needs a finite number of values."),
        WandbKind(
            "bayes",
            "Bayesian",
            "Draws where earlier trials were good. hpweb's own server uses Optuna's TPE sampler for it, which is not W&B's "
            "Gaussian process: the trials differ from those that W&B would propose.",
        ),
    )
}

WANDB_EARLY: Final[dict[str, WandbKind]] = {
    kind.name: kind
    for kind in (
        WandbKind(NO_EARLY, "None", "Every trial trains to its end."),
        WandbKind(
            HYPERBAND,
            "Hyperband",
            "At each bracket a trial is ended unless its best value so far is among the best of those that came as far. "
            "Brackets count evaluations. Give min_iter, or max_iter with s.",
            (
                Option(
                    "min_iter", "int", None, "Evaluation of the first bracket; the next come at times eta.", 1, 10_000
                ),
                Option(
                    "max_iter", "int", None, "Evaluations of a whole trial; the brackets lie before it.", 1, 100_000
                ),
                Option("s", "int", None, "How many brackets there are before max_iter.", 1, 100),
                Option("eta", "float", 3.0, "Each bracket is so many times later than the one before.", 1.01, 100),
                Option(
                    "strict",
                    "bool",
                    False,
                    "Keep only the best 1 in eta at each bracket, also when it was reached long ago.",
                ),
            ),
        ),
    )
}


def early_options(choice: NamedChoice) -> dict[str, Scalar]:
    """The options of an early termination, checked, over the defaults.

    Raises ValueError that names the option: an unknown one, a bound, or Hyperband without a way to find its brackets.
    """
    kind = WANDB_EARLY.get(choice.name)
    if kind is None:
        raise ValueError(f"early termination {choice.name!r} is unknown. There are {', '.join(WANDB_EARLY)}.")
    options = filled(f"early termination {kind.name}", kind.options, choice.options)
    if kind.name == HYPERBAND:
        first, last, brackets = options["min_iter"], options["max_iter"], options["s"]
        if (first is None) == (last is None):
            raise ValueError("early termination hyperband: give min_iter, or max_iter with s, not both.")
        if last is not None and brackets is None:
            raise ValueError("early termination hyperband: max_iter needs s, the number of brackets.")
        if first is not None and brackets is not None:
            raise ValueError("early termination hyperband: s goes with max_iter; take it out.")
    return options
