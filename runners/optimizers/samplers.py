"""Optuna's samplers by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice


@dataclass(frozen=True)
class SamplerKind:
    """A sampler that a sweep may name. `build` is called with `seed` and every option by keyword."""

    name: str
    label: str
    help: str
    build: Callable[..., BaseSampler]
    options: tuple[Option, ...] = ()
    objectives: int | None = None
    """The most objectives it can serve; None is any number."""


SAMPLERS: Final[dict[str, SamplerKind]] = {
    kind.name: kind
    for kind in (
        SamplerKind(
            name="tpe",
            label="TPE",
            help="Learns from the finished trials where good values lie (tree-structured Parzen estimator).",
            build=TPESampler,
            options=(
                Option("n_startup_trials", "int", 10, "Trials drawn at random before the learning begins.", 0, 10_000),
                Option("n_ei_candidates", "int", 24, "Candidates weighed for each draw.", 1, 10_000),
                Option("multivariate", "bool", None, "Learn parameters together; by default for one objective."),
                Option("constant_liar", "bool", True, "Keep away from what trials at work are trying."),
            ),
        ),
        SamplerKind(
            name="random",
            label="Random",
            help="Draws every parameter independently of all trials before.",
            build=RandomSampler,
        ),
    )
}


def make_sampler(choice: NamedChoice, seed: int) -> BaseSampler:
    """The sampler that `choice` names. Raises ValueError that names an unknown sampler or option."""
    kind = SAMPLERS.get(choice.name)
    if kind is None:
        raise ValueError(f"sampler {choice.name!r} is unknown. Samplers: {', '.join(SAMPLERS)}.")
    return kind.build(seed=seed, **filled(f"sampler {kind.name}", kind.options, choice.options))
