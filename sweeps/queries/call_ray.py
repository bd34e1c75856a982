"""Ray Tune's call."""

from typing import Final

from runners.optimizers.compile_ray import Row, described_ray, listed
from runners.optimizers.ray_choices import options_of
from runners.protocol.backends import RayBackend
from runners.protocol.space import IntParameter, SearchSpace
from runners.protocol.spec import SweepSpec
from sweeps.queries.call_objective import compute_objective, direction
from sweeps.queries.call_optuna import limits
from sweeps.queries.call_rows import derived_lines, keywords

SEARCHES: Final = {
    "random": "BasicVariantGenerator",
    "grid": "BasicVariantGenerator",
    "optuna": "OptunaSearch",
    "hyperopt": "HyperOptSearch",
    "bohb": "TuneBOHB",
}
SEEDS: Final = {"optuna": "seed", "hyperopt": "random_state_seed", "bohb": "seed"}
SCHEDULERS: Final = {
    "asha": "ASHAScheduler",
    "hyperband": "HyperBandScheduler",
    "median": "MedianStoppingRule",
    "pbt": "PopulationBasedTraining",
}


def ray_space(space: SearchSpace, backend: RayBackend) -> list[str]:
    """`hp_space(_)` as Ray's dictionary of domains."""
    grid = backend.search.name == "grid"
    lines = ["def hp_space(_):", "    return {"]
    for row in space.parameters:
        note = ""
        if row.when is not None:
            note = f"  # used only when {row.when.name} is {' or '.join(map(str, row.when.values))}"
        lines.append(f"        {row.name!r}: {_domain(row, grid=grid)},{note}")
    return [*lines, "    }", *derived_lines(space)]


def ray_call(spec: SweepSpec, backend: RayBackend) -> list[str]:
    """Search, scheduler, and one call for all trials."""
    seed = {SEEDS.get(backend.search.name, "random_state"): spec.sampler_seed}
    told = {**backend.search.options, **seed}
    lines = [f"search = {SEARCHES.get(backend.search.name, backend.search.name)}({keywords(told)})"]
    scheduled = backend.scheduler.name in SCHEDULERS
    if scheduled:
        lines.append(f"scheduler = {_scheduler(backend)}")
    address = backend.address or "local"
    return [
        *lines,
        f"ray.init(address={address!r})",
        "",
        f"# {spec.side_by_side} trial{'' if spec.side_by_side == 1 else 's'} at a time, and no more than the budget in all.",
        *limits(spec),
        "trainer.hyperparameter_search(",
        "    hp_space=hp_space,",
        f"    compute_objective={compute_objective(spec.objectives)},",
        f"    n_trials={spec.budget.n_trials},",
        f"    direction={direction(spec.objectives)},",
        "    backend='ray',",
        "    search_alg=search,",
        *(["    scheduler=scheduler,"] if scheduled else []),
        f"    resources_per_trial={{'cpu': {backend.cpus:g}, 'gpu': {backend.gpus:g}}},",
        "    metric='objective',",
        f"    mode={spec.objectives[0].direction[:3]!r},",
        "    raise_on_failed_trial=False,",
        ")",
    ]


def _domain(row: Row, *, grid: bool) -> str:
    values = listed(row)
    if values is None and grid and isinstance(row, IntParameter):
        values = list(range(row.low, row.high + 1))
    return f"tune.{'grid_search' if grid else 'choice'}({values!r})" if values is not None else described_ray(row)


def _scheduler(backend: RayBackend) -> str:
    options = {"time_attr": "training_iteration", **options_of("scheduler", backend.scheduler)}
    if backend.mutations:
        changes = ", ".join(f"{name!r}: hp_space(None)[{name!r}]" for name in backend.mutations)
        return f"PopulationBasedTraining({keywords(options)}, hyperparam_mutations={{{changes}}})"
    return f"{SCHEDULERS[backend.scheduler.name]}({keywords(options)})"
