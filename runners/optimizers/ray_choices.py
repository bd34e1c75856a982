"""Ray Tune's search algorithms and schedulers by name: words, options, and what each fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from runners.optimizers.options import Option, filled
from runners.protocol.backends import NamedChoice, RayBackend
from runners.protocol.base import Scalar
from runners.protocol.space import SearchSpace
from runners.protocol.spec import SweepSpec


@dataclass(frozen=True)
class RayKind:
    """`finite`: the space must be finite. `conditional`: rows with a condition work. `scheduler`: the only one that fits.

    `pauses`: a scheduler lets trials wait for each other, so all of a sweep are begun while few train.
    """

    name: str
    label: str
    help: str
    options: tuple[Option, ...] = ()
    finite: bool = False
    conditional: bool = False
    pauses: bool = False
    scheduler: str = ""


RAY_SEARCHES: Final[dict[str, RayKind]] = {
    kind.name: kind
    for kind in (
        RayKind(
            name="random",
            label="Random",
            help="Draws every parameter independently of all trials before.",
            conditional=True,
        ),
        RayKind(name="grid", label="Grid", help="Every combination once, in order. Numbers need a step.", finite=True),
        RayKind(
            name="optuna",
            label="Optuna",
            help="Optuna's TPE sampler inside Ray.",
        ),
        RayKind(
            name="hyperopt",
            label="HyperOpt",
            help="HyperOpt's TPE: learns from the finished trials where good values lie.",
            options=(
                Option("n_initial_points", "int", 20, "Trials drawn at random before the learning begins.", 1, 10_000),
                Option("gamma", "float", 0.25, "The share of trials that count as good.", 0.01, 0.99),
            ),
        ),
        RayKind(
            name="bohb",
            label="BOHB",
            help="Learns from every rung of Hyperband, also from trials that went no further (Falkner et al. 2018).",
            options=(
                Option("random_fraction", "float", 1 / 3, "The share of trials that are drawn at random.", 0.0, 1.0),
                Option("top_n_percent", "int", 15, "The share of trials that count as good, in percent.", 1, 99),
                Option("num_samples", "int", 64, "Candidates of which the most promising is taken.", 1, 10_000),
            ),
            scheduler="hyperband",
        ),
    )
}

_GRACE: Final = Option("grace_period", "int", 1, "Evaluations that every trial may have.", 1, 100_000)
_MAX_T: Final = Option("max_t", "int", 100, "Evaluations after which a trial ends in any case.", 1, 100_000)

RAY_SCHEDULERS: Final[dict[str, RayKind]] = {
    kind.name: kind
    for kind in (
        RayKind(name="none", label="None", help="Every trial trains to its end."),
        RayKind(
            name="asha",
            label="ASHA",
            help="At each rung only the best share goes on (asynchronous successive halving).",
            options=(
                _MAX_T,
                _GRACE,
                Option("reduction_factor", "float", 4.0, "One in so many trials goes on at a rung.", 1.1, 100),
                Option("brackets", "int", 1, "How many first rungs side by side.", 1, 10),
            ),
        ),
        RayKind(
            name="hyperband",
            label="Hyperband",
            help="Successive halving in brackets; trials wait for each other, so checkpoints are kept.",
            pauses=True,
            options=(
                Option("max_t", "int", 81, "Evaluations after which a trial ends in any case.", 1, 100_000),
                Option("reduction_factor", "float", 3.0, "One in so many trials goes on at a rung.", 1.1, 100),
            ),
        ),
        RayKind(
            name="median",
            label="Median stopping",
            help="Ends a trial whose best value so far is worse than the median of the others' running means.",
            options=(
                _GRACE,
                Option("min_samples_required", "int", 3, "Trials that must have reported before any is ended.", 1),
            ),
        ),
        RayKind(
            name="pbt",
            label="Population-based training",
            help="Bad trials go on from a good one's checkpoint with changed parameters, while they train.",
            pauses=True,
            options=(
                Option("perturbation_interval", "int", 1, "Evaluations between two changes.", 1, 100_000),
                Option(
                    "quantile_fraction", "float", 0.25, "The share at the top that is copied to the bottom.", 0.0, 0.5
                ),
                Option(
                    "resample_probability",
                    "float",
                    0.25,
                    "Chance that a value is drawn anew, not changed a little.",
                    0,
                    1,
                ),
            ),
        ),
    )
}


def options_of(role: str, choice: NamedChoice) -> dict[str, Scalar]:
    """All options of a search ("search") or scheduler ("scheduler"), checked. Raises ValueError."""
    kinds = RAY_SEARCHES if role == "search" else RAY_SCHEDULERS
    kind = kinds.get(choice.name)
    if kind is None:
        raise ValueError(f"{role} {choice.name!r} is unknown. Known: {', '.join(kinds)}.")
    return filled(f"{role} {kind.name}", kind.options, choice.options)


def most_begun(spec: SweepSpec) -> int:
    """How many trials of a Ray job may have begun and not ended. No more than `children` of them train."""
    backend = spec.backend
    # A scheduler that this runner does not know is refused by its child, in a sentence.
    scheduler = RAY_SCHEDULERS.get(backend.scheduler.name) if isinstance(backend, RayBackend) else None
    if scheduler is not None and scheduler.pauses:
        return max(spec.side_by_side, spec.budget.n_trials)
    return spec.side_by_side


_SET_AT_THE_START: Final = frozenset(
    {
        "per_device_train_batch_size",
        "auto_find_batch_size",
        "gradient_accumulation_steps",
        "num_train_epochs",
        "max_steps",
        "warmup_steps",
        "warmup_ratio",
        "lr_scheduler_type",
        "optim",
        "optim_args",
        "seed",
        "data_seed",
        "full_determinism",
        "train_sampling_strategy",
    }
)
"""A checkpoint counts steps and holds an optimizer's state: with these changed it would fit no more, or they would do nothing."""


def ray_unfit(backend: RayBackend, space: SearchSpace, n_objectives: int = 1) -> str | None:
    """Why this search cannot do this space, or None."""
    kind = RAY_SEARCHES.get(backend.search.name)
    if n_objectives > 1:
        return "Ray Tune has one objective: take the others out, or choose Optuna."
    if kind is None:
        return None
    conditional = [row.name for row in space.parameters if row.when]
    if conditional and not kind.conditional:
        return f"{kind.label} in Ray cannot draw rows that have a condition, such as {conditional[0]}."
    if kind.finite and space.combinations() is None:
        row = next(row for row in space.parameters if row.type == "float" and row.step is None)
        return f"A grid needs a finite space: give {row.name} a step or choices."
    if kind.scheduler and backend.scheduler.name != kind.scheduler:
        return f"{kind.label} needs the scheduler {RAY_SCHEDULERS[kind.scheduler].label}, from whose rungs it learns."
    return _unfit_mutations(backend, {row.name: bool(row.when) for row in space.parameters})


def _unfit_mutations(backend: RayBackend, rows: Mapping[str, bool]) -> str | None:
    pbt = backend.scheduler.name == "pbt"
    if pbt and not backend.mutations:
        return "Population-based training needs at least one parameter that it may change."
    if backend.mutations and not pbt:
        return "Only population-based training changes parameters while a trial trains."
    for name in backend.mutations:
        if name not in rows:
            return f"{name} is to be changed but is no row of the space."
        if "." in name:
            return f"{name} cannot change while a trial trains: only training arguments can."
        if name in _SET_AT_THE_START:
            return f"{name} cannot change while a trial trains: its steps and its data are laid out at the start."
    return None
