"""Optuna's samplers by name: what they are told, and what they fit."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from optuna.exceptions import ExperimentalWarning
from optuna.samplers import (
    BaseSampler,
    BruteForceSampler,
    NSGAIIISampler,
    NSGAIISampler,
    PartialFixedSampler,
    RandomSampler,
    TPESampler,
)

from runners.optimizers.grid import SpaceGrid, grid_of
from runners.optimizers.options import Option, filled
from runners.optimizers.sequences import after_history
from runners.protocol.backends import NamedChoice, OptunaBackend
from runners.protocol.base import Scalar
from runners.protocol.space import CategoricalParameter, FloatParameter, SearchSpace

MAX_GRID: Final = 100_000
"""Optuna keeps all of a grid in memory."""


@dataclass(frozen=True)
class SamplerKind:
    """A sampler that a sweep may name. `build` is called with the space, `seed` and every option by keyword.

    `numbers`: it needs at least one numeric row; `finite`: the space must be finite; `conditional`: rows with a
    condition work. `objectives`: the most it can serve, None is any number.
    """

    name: str
    label: str
    help: str
    build: Callable[..., BaseSampler]
    options: tuple[Option, ...] = ()
    objectives: int | None = None
    only_numbers: bool = False
    finite: bool = False
    conditional: bool = True


def _plain(kind: Callable[..., BaseSampler]) -> Callable[..., BaseSampler]:
    def build(space: SearchSpace, **options: Any) -> BaseSampler:  # noqa: ARG001 - only a grid needs the space
        return kind(**options)

    return build


def _late(name: str, **fixed: Any) -> Callable[..., BaseSampler]:
    """A sampler whose module loads torch or scipy: not before it is made."""

    def build(space: SearchSpace, **options: Any) -> BaseSampler:  # noqa: ARG001
        import optuna

        made: BaseSampler = getattr(optuna.samplers, name)(**options, **fixed)
        return made

    return build


_POPULATION: Final = (
    Option("population_size", "int", 50, "Trials of a generation. The first one is drawn at random.", 2, 10_000),
    Option("mutation_prob", "float", None, "Chance that a value is drawn anew; by default 1 / parameters.", 0, 1),
    Option("crossover_prob", "float", 0.9, "Chance that a trial is made from two parents.", 0, 1),
    Option("swapping_prob", "float", 0.5, "Chance that a value is taken from the second parent.", 0, 1),
)

SAMPLERS: Final[dict[str, SamplerKind]] = {
    kind.name: kind
    for kind in (
        SamplerKind(
            name="tpe",
            label="TPE",
            help="Learns from the finished trials where good values lie (tree-structured Parzen estimator).",
            build=_plain(TPESampler),
            options=(
                Option("n_startup_trials", "int", 10, "Trials drawn at random before the learning begins.", 0, 10_000),
                Option("n_ei_candidates", "int", 24, "Candidates weighed for each draw.", 1, 10_000),
                Option("multivariate", "bool", None, "Learn parameters together; by default for one objective."),
                Option("group", "bool", False, "With multivariate: learn conditional parameters in groups."),
                Option("constant_liar", "bool", True, "Keep away from what trials at work are trying."),
            ),
        ),
        SamplerKind(
            name="gp",
            label="Gaussian process",
            help="Models the objective as a smooth function; strong with few trials and few parameters.",
            build=_late("GPSampler", warn_independent_sampling=False),
            options=(
                Option("n_startup_trials", "int", 10, "Trials drawn at random before the learning begins.", 1, 10_000),
                Option("deterministic_objective", "bool", False, "The same parameters always give the same value."),
            ),
        ),
        SamplerKind(
            name="cmaes",
            label="CMA-ES",
            help="Moves a cloud of trials towards better values; for numbers and some hundred trials.",
            build=_late("CmaEsSampler", warn_independent_sampling=False),
            objectives=1,
            only_numbers=True,
            conditional=False,
            options=(
                Option("sigma0", "float", None, "First width of the cloud; by default a sixth of the range.", 1e-9),
                Option("n_startup_trials", "int", 1, "Trials drawn at random before it begins.", 0, 10_000),
                Option(
                    "popsize", "int", None, "Trials of a generation; by default from the number of rows.", 2, 10_000
                ),
                Option("consider_pruned_trials", "bool", False, "Learn from pruned trials too."),
                Option("use_separable_cma", "bool", False, "Learn each parameter alone: faster with many rows."),
                Option("with_margin", "bool", False, "Keep whole numbers and steps from getting stuck."),
                Option("lr_adapt", "bool", False, "Adapt the learning rate: for hard or noisy objectives."),
            ),
        ),
        SamplerKind(
            name="nsgaii",
            label="NSGA-II",
            help="An evolution of trials towards the Pareto set; for several objectives and many trials.",
            build=_plain(NSGAIISampler),
            options=_POPULATION,
        ),
        SamplerKind(
            name="nsgaiii",
            label="NSGA-III",
            help="As NSGA-II, spread evenly over three and more objectives.",
            build=_plain(NSGAIIISampler),
            options=(
                *_POPULATION,
                Option("dividing_parameter", "int", 3, "How finely the objectives are spread.", 1, 100),
            ),
        ),
        SamplerKind(
            name="qmc",
            label="Quasi-random",
            help="Covers the space more evenly than random draws (Sobol or Halton sequence).",
            build=after_history,
            only_numbers=True,
            conditional=False,
            options=(
                Option("qmc_type", "choice", "sobol", "The sequence.", choices=("sobol", "halton")),
                Option("scramble", "bool", False, "Shuffle the sequence by the seed."),
            ),
        ),
        SamplerKind(
            name="random",
            label="Random",
            help="Draws every parameter independently of all trials before.",
            build=_plain(RandomSampler),
        ),
        SamplerKind(
            name="grid",
            label="Grid",
            help="Every combination once, in shuffled order. Numbers need a step.",
            build=lambda space, seed: SpaceGrid(grid_of(space), seed=seed),
            finite=True,
            conditional=False,
        ),
        SamplerKind(
            name="brute_force",
            label="Brute force",
            help="Every combination once, also of conditional rows. Numbers need a step.",
            build=_plain(BruteForceSampler),
            finite=True,
            options=(Option("avoid_premature_stop", "bool", False, "With several at a time: never end too early."),),
        ),
    )
}

_INNER: Final = tuple(name for name in SAMPLERS if name not in {"grid", "brute_force"})
PARTIAL_FIXED: Final = "partial_fixed"


def _partial(space: SearchSpace, seed: int, sampler: str, fixed: Mapping[str, Scalar]) -> BaseSampler:
    return PartialFixedSampler(dict(fixed), SAMPLERS[sampler].build(space, seed=seed, **_defaults(sampler)))


def _defaults(name: str) -> dict[str, Scalar]:
    return {option.name: option.default for option in SAMPLERS[name].options}


SAMPLERS[PARTIAL_FIXED] = SamplerKind(
    name=PARTIAL_FIXED,
    label="Partially fixed",
    help="Keeps some parameters at a value and lets another sampler draw the rest.",
    build=_partial,
    options=(Option("sampler", "choice", "tpe", "Who draws the other parameters.", choices=_INNER),),
)


def make_sampler(
    choice: NamedChoice, seed: int, space: SearchSpace, fixed: Mapping[str, Scalar] | None = None
) -> BaseSampler:
    """The sampler that `choice` names, for this space. Raises ValueError that names an unknown sampler or option."""
    kind = kind_of(choice)
    options = filled(f"sampler {kind.name}", kind.options, choice.options)
    with warnings.catch_warnings():
        # Optuna's note that an interface may change is for who calls it.
        warnings.simplefilter("ignore", ExperimentalWarning)
        if kind.name == PARTIAL_FIXED:
            return _partial(space, seed, str(options["sampler"]), fixed or {})
        return kind.build(space, seed=seed, **options)


def kind_of(choice: NamedChoice) -> SamplerKind:
    """The kind by its name. Raises ValueError."""
    kind = SAMPLERS.get(choice.name)
    if kind is None:
        raise ValueError(f"sampler {choice.name!r} is unknown. Samplers: {', '.join(SAMPLERS)}.")
    return kind


def unfit(name: str, space: SearchSpace, n_objectives: int = 1) -> str | None:
    """Why this sampler cannot search this space, or None."""
    kind = SAMPLERS[name]
    if kind.objectives is not None and n_objectives > kind.objectives:
        return f"{kind.label} serves one objective, and there are {n_objectives}."
    rows = space.parameters
    words = [row.name for row in rows if isinstance(row, CategoricalParameter)]
    if kind.only_numbers and words:
        return f"{kind.label} draws numbers only, and {words[0]} has choices."
    if not kind.conditional and any(row.when for row in rows):
        return f"{kind.label} cannot draw rows that have a condition."
    if kind.finite and space.combinations() is None:
        row = next(row for row in rows if row.type == "float" and row.step is None)
        return f"{kind.label} needs a finite space: give {row.name} a step or choices."
    combinations = space.combinations()
    if name == "grid" and combinations is not None and combinations > MAX_GRID:
        return (
            f"Grid lists every combination, and there are {combinations}: the most is {MAX_GRID}. Choose random or TPE."
        )
    return _brute_unfit(space) if name == "brute_force" else None


def _brute_unfit(space: SearchSpace) -> str | None:
    """Two traps of Optuna's own: it asks for a step even where there is one value, and takes 1, 1.0 and true for one."""
    for row in space.parameters:
        if isinstance(row, FloatParameter) and row.step is None:
            return f"Brute force takes no float without a step, even of one value: make {row.name} a single choice."
        if isinstance(row, CategoricalParameter) and len(set(row.choices)) != len(row.choices):
            return f"Brute force cannot tell equal choices of {row.name} apart, such as 1 and true: take one out."
    return None


def check_fixed(backend: OptunaBackend, space: SearchSpace) -> None:
    """Whether `fixed` names rows of the space. Raises ValueError."""
    names = {row.name for row in space.parameters}
    for name in backend.fixed:
        if name not in names:
            raise ValueError(f"{name} is fixed for the sampler but is no row of the space.")
    if backend.sampler.name == PARTIAL_FIXED and not backend.fixed:
        raise ValueError("The sampler partially fixed needs at least one fixed value.")
